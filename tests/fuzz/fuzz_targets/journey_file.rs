//! Any text is a journey or a list of problems, and the same one every time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wayfare::Journey;

fuzz_target!(|text: &str| {
    for read in [Journey::from_yaml, Journey::from_json] {
        match (read(text), read(text)) {
            (Ok(_), Ok(_)) => {}
            (Err(first), Err(second)) => assert_eq!(first.to_string(), second.to_string()),
            _ => panic!("one text was read in two ways"),
        }
    }
});
