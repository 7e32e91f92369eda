//! A view as bytes, which JavaScript gets as a Latin-1 string: an object or a JSON text would cost several times as much, and most of it is never looked at.
//! `lib/view.js` unpacks. The names are the journey's and in its order, so they are left out. All numbers are little-endian.
//!
//! ```text
//! stages     of each track: text, i64 microseconds since (i64::MIN: none)
//! traits     of each: u8 0 unknown | 1 number: f64 | 2 text: text | 3 false | 4 true
//! scores     of each: as a trait
//! segments   of each: as a trait
//! text       u32 bytes, UTF-8
//! ```

use wayfare::{Value, View};

pub fn pack(view: &View<'_>) -> Vec<u8> {
    let mut packed = Packed(Vec::with_capacity(512));
    for stage in view.stages() {
        packed.text(stage.stage);
        packed.0.extend(stage.since.map_or(i64::MIN, |since| since.as_micros()).to_le_bytes());
    }
    for (_, value) in view.traits() {
        packed.value(value);
    }
    for (_, score) in view.scores() {
        packed.value(score.map_or(Value::Unknown, Value::Number));
    }
    for (_, segment) in view.segments() {
        packed.value(segment.map_or(Value::Unknown, Value::Boolean));
    }
    packed.0
}

struct Packed(Vec<u8>);

impl Packed {
    fn text(&mut self, text: &str) {
        self.0.extend((text.len() as u32).to_le_bytes());
        self.0.extend(text.as_bytes());
    }

    fn number(&mut self, value: f64) {
        self.0.push(1);
        self.0.extend(value.to_le_bytes());
    }

    fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Number(value) => self.number(value),
            Value::Integer(value) => self.number(value as f64),
            Value::Text(text) => {
                self.0.push(2);
                self.text(text);
            }
            Value::Boolean(value) => self.0.push(3 + u8::from(value)),
            _ => self.0.push(0),
        }
    }
}
