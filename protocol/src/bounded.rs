//! Lists and strings whose length is checked before anything is allocated for them.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A list of at most `MAX` items. A longer one is refused while decoding, before allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BoundedVec<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> Default for BoundedVec<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> BoundedVec<T, MAX> {
    /// Appends an item, or gives it back when the list is full.
    ///
    /// # Errors
    /// The item itself, when the list holds `MAX` already.
    pub fn push(&mut self, item: T) -> Result<(), T> {
        if self.0.len() < MAX {
            self.0.push(item);
            Ok(())
        } else {
            Err(item)
        }
    }

    /// Keeps the first `length` items.
    pub fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// The items, as an ordinary list.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

/// Collects the first `MAX` items; what doesn't fit is left out, so that only callers who know
/// the bound should collect.
impl<T, const MAX: usize> FromIterator<T> for BoundedVec<T, MAX> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().take(MAX).collect())
    }
}

impl<T, const MAX: usize> Deref for BoundedVec<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for BoundedVec<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
            type Value = BoundedVec<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX} items")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let announced = items.size_hint().unwrap_or(0);
                if announced > MAX {
                    return Err(A::Error::invalid_length(announced, &self));
                }
                let mut list = Vec::with_capacity(announced);
                while let Some(item) = items.next_element()? {
                    if list.len() == MAX {
                        return Err(A::Error::invalid_length(MAX + 1, &self));
                    }
                    list.push(item);
                }
                Ok(BoundedVec(list))
            }
        }

        deserializer.deserialize_seq(Items(PhantomData))
    }
}

/// A string of at most `MAX` bytes of UTF-8. A longer one is refused while decoding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BoundedString<const MAX: usize>(String);

impl<const MAX: usize> BoundedString<MAX> {
    /// The string, or nothing when it is longer than `MAX` bytes.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= MAX).then(|| Self(text.to_owned()))
    }
}

impl<const MAX: usize> Deref for BoundedString<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for BoundedString<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::new(text).ok_or_else(|| D::Error::custom("string too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_announces_too_much_is_refused() {
        let fits = postcard::to_stdvec(&vec![1u8; 4]).unwrap();
        let too_long = postcard::to_stdvec(&vec![1u8; 5]).unwrap();
        assert!(postcard::from_bytes::<BoundedVec<u8, 4>>(&fits).is_ok());
        assert!(postcard::from_bytes::<BoundedVec<u8, 4>>(&too_long).is_err());
        assert!(postcard::from_bytes::<BoundedVec<u8, 4>>(&[0xff, 0xff, 0xff, 0x7f]).is_err());
    }

    #[test]
    fn a_string_that_is_too_long_is_refused() {
        let bytes = postcard::to_stdvec("seventeen letters").unwrap();
        assert!(postcard::from_bytes::<BoundedString<16>>(&bytes).is_err());
        assert_eq!(
            &*postcard::from_bytes::<BoundedString<17>>(&bytes).unwrap(),
            "seventeen letters"
        );
    }
}
