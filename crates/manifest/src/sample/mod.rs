//! Manifests drawn from the forms of their types, for property tests and fuzzing.
//!
//! A manifest is made from bytes: the same bytes make the same manifest, and fewer bytes a smaller one. Most are well
//! formed; many contradict themselves, as those that are to be refused do.

use std::fmt::Write as _;

use crate::decode::{Describe, RecordShape, Shape};
use crate::pipeline::PipelineManifest;
use crate::workload::WorkloadType;

mod environment;
mod hints;

pub use environment::plausible_environment;

/// The manifest of a workload with the name `web`, and overrides for the environment `test`.
pub fn workload(kind: WorkloadType, bytes: &[u8]) -> String {
    of_workload(kind, bytes, false)
}

/// As [`workload`], with values that the keys take more often than not, so that most manifests are accepted.
pub fn plausible_workload(kind: WorkloadType, bytes: &[u8]) -> String {
    of_workload(kind, bytes, true)
}

/// The manifest of a pipeline with the name `release`, with values that the keys take more often than not.
pub fn plausible_pipeline(bytes: &[u8]) -> String {
    let Shape::Record(record) = PipelineManifest::shape() else { return String::new() };
    let mut draw = Draw::new(bytes, true);
    draw.out.push_str("name: release\nversion: 1\n");
    for field in record.fields.iter().filter(|field| !matches!(field.key, "name" | "version")) {
        if field.key == "build" && !draw.chance(2) {
            continue;
        }
        let _ = write!(draw.out, "{}: ", field.key);
        draw.keyed(field.key, &(field.shape)(), 1);
        draw.out.push('\n');
    }
    draw.out
}

fn of_workload(kind: WorkloadType, bytes: &[u8], plausible: bool) -> String {
    let Shape::Record(record) = kind.shape() else { return String::new() };
    let mut draw = Draw::new(bytes, plausible);
    let _ = writeln!(draw.out, "name: web\ntype: {kind}");
    draw.fields(&record, "");
    if draw.chance(2) {
        draw.out.push_str("environments:\n  test:\n    cpu: 512\n");
        draw.fields(&record, "    ");
    }
    draw.out
}

/// A text of the form, as flow YAML.
pub fn value(shape: &Shape, bytes: &[u8]) -> String {
    let mut draw = Draw::new(bytes, false);
    draw.value(shape, 0);
    draw.out
}

struct Draw<'a> {
    bytes: &'a [u8],
    at: usize,
    out: String,
    /// Whether values are chosen by their keys.
    plausible: bool,
    /// The key whose value is drawn.
    key: &'static str,
    /// What the kind of manifest makes likely.
    taste: Taste,
    /// The place in the list whose item is drawn.
    item: usize,
}

/// Says of a key of a record whether it is left out, and once in how many times otherwise.
type Omitted = fn(&RecordShape, &str, Option<environment::Network>) -> Option<(bool, usize)>;

/// What a kind of manifest makes likely.
#[derive(Clone, Copy)]
struct Taste {
    /// The texts that a key takes.
    texts: fn(&str) -> &'static [&'static str],
    /// Whether a key is left out, and once in how many times it is otherwise; none where nothing is known of the key.
    omitted: Omitted,
    /// Where an environment's network comes from.
    network: Option<environment::Network>,
}

/// Texts that mean something to one key or another.
const TEXTS: [&str; 36] = [
    "",
    "a",
    "b",
    "web",
    "main",
    "/",
    "/api",
    "api",
    "80",
    "80/udp",
    "443/tls",
    "1-5",
    "5-1",
    "public",
    "private",
    "awsxray",
    "recreate",
    "linux/arm64",
    "windows/amd64",
    "linux",
    "x86_64",
    "start",
    "SUCCESS",
    "grpc",
    "queue",
    "perQueue",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "arn:aws:acm:us-east-1:1:certificate/x",
    "x.env",
    "@daily",
    "0 9 * * 1-5",
    "${COPILOT_ENVIRONMENT_NAME}",
    "[\"a\",\"b\"]",
    "a: b # c\n'\"",
    "ContainerDefinitions[0].Ulimits[-].HardLimit",
];
const NAMES: [&str; 6] = ["a", "b", "web", "firelens_log_router", "A_B", "x-y"];
const DURATIONS: [&str; 6] = ["10s", "1m30s", "0s", "500ms", "-5s", "2562047h"];
const NUMBERS: [i64; 10] = [1, 0, 2, 80, 8080, 443, 65535, 20, 100, -1];
/// Values that most keys do not take.
const ODD: [&str; 14] = [
    "null",
    "[]",
    "{}",
    "'x'",
    "-1",
    "1e400",
    ".nan",
    "!Sub x",
    "yes",
    "0x1F",
    "[[]]",
    "{a: {b: [c]}}",
    "2021-01-01",
    "999999999999999999999",
];

const WORKLOADS: Taste = Taste { texts: hints::texts, omitted: |_, _, _| None, network: None };

impl<'a> Draw<'a> {
    fn new(bytes: &'a [u8], plausible: bool) -> Self {
        Self { bytes, at: 0, out: String::new(), plausible, key: "", taste: WORKLOADS, item: 0 }
    }

    /// The value of a key.
    fn keyed(&mut self, key: &'static str, shape: &Shape, depth: usize) {
        let before = std::mem::replace(&mut self.key, key);
        self.value(shape, depth);
        self.key = before;
    }

    /// A value that the key takes, for a form that has such; none now and then.
    fn hinted(&mut self, shape: &Shape) -> bool {
        let hints = match shape {
            _ if !self.plausible => return false,
            Shape::String | Shape::Format(..) => (self.taste.texts)(self.key),
            Shape::Integer(..) => hints::numbers(self.key),
            _ => return false,
        };
        if hints.is_empty() || self.chance(16) {
            return false;
        }
        // Zones, and what has to differ within a list, take turns.
        let hint = if self.taste.network.is_some() && matches!(self.key, "az" | "cidr" | "id") {
            hints.get(self.item % hints.len()).copied().unwrap_or_default()
        } else {
            self.pick(hints, "")
        };
        if matches!(shape, Shape::Integer(..)) {
            self.out.push_str(hint);
        } else {
            self.quoted(hint);
        }
        true
    }

    fn next(&mut self) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte)
    }

    /// One in `of`; never once the bytes are used up.
    fn chance(&mut self, of: usize) -> bool {
        self.next() % of == 1 % of && self.at <= self.bytes.len()
    }

    fn pick<T: Copy>(&mut self, from: &[T], or: T) -> T {
        let index = self.next() % from.len().max(1);
        from.get(index).copied().unwrap_or(or)
    }

    fn quoted(&mut self, text: &str) {
        // JSON's quoting is YAML's.
        self.out.push_str(&serde_json::Value::from(text).to_string());
    }

    /// A key on each line.
    fn fields(&mut self, record: &RecordShape, indent: &str) {
        for field in &record.fields {
            if matches!(field.key, "name" | "type" | "environments")
                || indent.len() == 4 && field.key == "cpu"
            {
                continue;
            }
            let likely = matches!(field.key, "image" | "http" | "on" | "files");
            let rarity = if self.plausible { 4 } else { 3 };
            if !(likely && indent.is_empty() || self.chance(rarity)) {
                continue;
            }
            let _ = write!(self.out, "{indent}{}: ", field.key);
            self.keyed(field.key, &(field.shape)(), 1);
            self.out.push('\n');
        }
    }

    fn value(&mut self, shape: &Shape, depth: usize) {
        let rarity = if self.plausible { 250 } else { 40 };
        if self.chance(rarity) {
            let odd = self.pick(&ODD, "null");
            return self.out.push_str(odd);
        }
        if self.hinted(shape) {
            return;
        }
        match shape {
            Shape::String | Shape::Any | Shape::Format(..) if depth > 12 => self.out.push('a'),
            Shape::Format("duration", _) => {
                let duration = self.pick(&DURATIONS, "1s");
                self.out.push_str(duration);
            }
            Shape::String | Shape::Format(..) => {
                let text = self.pick(&TEXTS, "");
                self.quoted(text);
            }
            Shape::Any => {
                let odd = self.pick(&ODD, "null");
                self.out.push_str(odd);
            }
            Shape::Enum(words) => {
                let word = self.pick(words, "");
                self.quoted(word);
            }
            Shape::Integer(..) => {
                let number = self.pick(&NUMBERS, 1);
                let _ = write!(self.out, "{number}");
            }
            Shape::Number => {
                let number = self.next();
                let _ = write!(self.out, "{number}.5");
            }
            Shape::Boolean => {
                let truth = self.next().is_multiple_of(2);
                let _ = write!(self.out, "{truth}");
            }
            Shape::List(item) => self.list(item, depth),
            Shape::Map(item) => self.map(item, depth),
            Shape::Record(record) => self.record(record, depth),
            Shape::OneOf(forms) => {
                let mut index = self.next() % forms.len().max(1);
                // `http: true` sets up nothing.
                if self.plausible && self.key == "http" && !self.chance(12) {
                    index = forms.len().saturating_sub(1);
                }
                if let Some(form) = forms.get(index) {
                    self.value(form, depth);
                }
            }
        }
    }

    fn list(&mut self, item: &Shape, depth: usize) {
        self.out.push('[');
        let is_pair = self.taste.network.is_some() && matches!(self.key, "public" | "private");
        let length = if is_pair && !self.chance(12) { 2 } else { self.next() % 4 };
        for index in 0..length {
            if index > 0 {
                self.out.push_str(", ");
            }
            let before = std::mem::replace(&mut self.item, index);
            self.value(item, depth + 1);
            self.item = before;
        }
        self.out.push(']');
    }

    fn map(&mut self, item: &Shape, depth: usize) {
        self.out.push('{');
        let first = self.next();
        for index in 0..self.next() % 4 {
            if index > 0 {
                self.out.push_str(", ");
            }
            let name = NAMES.get((first + index) % NAMES.len()).copied().unwrap_or("a");
            let _ = write!(self.out, "{name}: ");
            self.value(item, depth + 1);
        }
        self.out.push('}');
    }

    fn record(&mut self, record: &RecordShape, depth: usize) {
        self.out.push('{');
        let mut separator = "";
        let mut is_built = false;
        for field in &record.fields {
            let likely =
                matches!(field.key, "location" | "path" | "port" | "image" | "schedule" | "source" | "name")
                    || self.plausible && hints::REQUIRED.contains(&field.key);
            let taste = self.taste;
            let known = (taste.omitted)(record, field.key, taste.network);
            let skip = match field.key {
                _ if known.is_some() => known.is_some_and(|(omitted, rarity)| omitted != self.chance(rarity)),
                "build" if self.plausible => !self.chance(6),
                "location" if self.plausible => is_built,
                _ if likely => self.chance(if self.plausible { 40 } else { 8 }),
                _ => depth > 6 || !self.chance(if self.plausible { 2 } else { 3 }),
            };
            if skip {
                continue;
            }
            is_built |= field.key == "build";
            let _ = write!(self.out, "{separator}{}: ", field.key);
            self.keyed(field.key, &(field.shape)(), depth + 1);
            separator = ", ";
        }
        self.out.push('}');
    }
}
