//! Takes the Rust examples out of the README and the book, so that a test can run them as they are written.

use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    for (page, name) in [
        ("README.md", "readme"),
        ("docs/src/guide/rust.md", "rust_guide"),
        ("docs/src/guide/grid.md", "grid_guide"),
        ("docs/src/paths/paths.md", "paths_page"),
    ] {
        let path = root.join(page);
        println!("cargo:rerun-if-changed={}", path.display());
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let blocks: Vec<&str> = text.split("\n```rust\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
        assert!(!blocks.is_empty(), "{page} has no Rust example");
        let code = blocks.join("\n");
        let call = if code.contains("fn main()") { "main()?;" } else { "" };
        std::fs::write(Path::new(&out).join(format!("{name}.rs")), format!("{{\n{code}\n{call}\nOk(())\n}}\n"))
            .expect("OUT_DIR can be written");
    }
}
