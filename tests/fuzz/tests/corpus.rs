//! The inputs that the fuzzer has found, once more: those that reach the most code, and those that once found a fault.

use std::fs;
use std::path::Path;

#[test]
fn no_input_of_the_corpus_finds_a_fault() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, target) in fuzz::TARGETS {
        let inputs = fs::read_dir(corpus.join(name)).expect("each target has a corpus");
        for input in inputs {
            let path = input.expect("a readable folder").path();
            println!("{}", path.display());
            target(&fs::read(path).expect("a readable file"));
        }
    }
}
