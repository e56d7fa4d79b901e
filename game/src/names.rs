//! The bots' names.

use super::random::Random;

/// More than there are seats, so that one is always free.
pub(super) const BOT_NAMES: [&str; 24] = [
    "Alba", "Bo", "Cleo", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Leo",
    "Mila", "Nils", "Ola", "Pia", "Quinn", "Romy", "Sami", "Tara", "Udo", "Vera", "Wim", "Yara",
];

/// A random name that nobody present bears, as `is_taken` tells.
pub(super) fn pick(random: &mut Random, is_taken: impl Fn(&str) -> bool) -> &'static str {
    let start = random.below(BOT_NAMES.len() as u32) as usize;
    let from_start = BOT_NAMES.iter().cycle().skip(start).take(BOT_NAMES.len());
    let mut free = from_start.filter(|name| !is_taken(name));
    free.next().unwrap_or(&BOT_NAMES[start])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_bots_bear_the_same_name() {
        let mut random = Random::new(5);
        let mut taken: Vec<&str> = Vec::new();
        for _ in 0..BOT_NAMES.len() {
            let name = pick(&mut random, |name| taken.contains(&name));
            assert!(!taken.contains(&name));
            taken.push(name);
        }
    }
}
