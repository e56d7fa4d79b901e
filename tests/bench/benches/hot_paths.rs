//! How long ten steps of each hot path take: `cargo bench -p bench`.

fn main() {
    divan::main();
}

#[divan::bench(args = bench::HOT_PATHS.map(|(name, _)| name))]
fn ten_steps(name: &str) {
    if let Some(walk) = bench::hot_path(name) {
        walk(10);
    }
}
