//! The Rust examples of the README and the book, run as they are written.

type Done = Result<(), Box<dyn std::error::Error>>;

#[test]
fn the_example_of_the_readme_runs() -> Done {
    include!(concat!(env!("OUT_DIR"), "/readme.rs"))
}

#[test]
fn the_examples_of_the_rust_guide_run() -> Done {
    include!(concat!(env!("OUT_DIR"), "/rust_guide.rs"))
}

#[test]
fn the_examples_of_the_grid_guide_run() -> Done {
    include!(concat!(env!("OUT_DIR"), "/grid_guide.rs"))
}

#[test]
fn the_example_of_the_page_on_paths_runs() -> Done {
    include!(concat!(env!("OUT_DIR"), "/paths_page.rs"))
}
