//! A manifest's text with its variables substituted.

use std::collections::BTreeMap;

use copilot_yaml::{Node, Source, Style, Value};

/// The text in which every value that changed from `old` to `new` is replaced, in double quotes unless it is a block. All
/// else, comments included, stays as it was written.
pub(crate) fn substituted(source: &Source, old: &Node, new: &Node) -> Source {
    let mut replacements = BTreeMap::new();
    collect(old, new, &mut replacements);
    let text = source.text();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    // An alias repeats a value with the place of its definition, so that each place comes up once.
    for ((start, end), value) in replacements {
        let (Some(before), Some(replaced)) = (text.get(at..start), text.get(start..end)) else { continue };
        out.push_str(before);
        let column =
            if value.contains('\n') { text[..start].rsplit('\n').next().map_or(0, str::len) } else { 0 };
        for (place, line) in value.split('\n').enumerate() {
            let indentation = if place == 0 || line.is_empty() { 0 } else { column };
            out.extend([if place == 0 { "" } else { "\n" }, &" ".repeat(indentation), line]);
        }
        // A block holds the line break behind it.
        out.push_str(&replaced[replaced.trim_end().len()..]);
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Source::new(source.name(), out)
}

fn collect(old: &Node, new: &Node, found: &mut BTreeMap<(usize, usize), String>) {
    match (&old.value, &new.value) {
        (Value::Scalar(before), Value::Scalar(after)) if before == after => {}
        (Value::Scalar(before), Value::Scalar(after)) => {
            let text = match before.style() {
                // The lines of a block stay a block.
                Style::Literal => after.text().trim_end_matches('\n').to_owned(),
                Style::Folded => after.text().trim_end_matches('\n').replace('\n', "\n\n"),
                _ => quoted(after.text()),
            };
            found.insert((old.span.start, old.span.end), text);
        }
        (Value::Scalar(_), Value::Sequence(items)) => {
            let items: Vec<String> =
                items.iter().filter_map(Node::as_scalar).map(|s| quoted(s.text())).collect();
            found.insert((old.span.start, old.span.end), format!("[{}]", items.join(", ")));
        }
        (Value::Sequence(before), Value::Sequence(after)) => {
            for (before, after) in before.iter().zip(after) {
                collect(before, after, found);
            }
        }
        (Value::Mapping(before), Value::Mapping(after)) => {
            for (before, after) in before.iter().zip(after) {
                collect(&before.value, &after.value, found);
            }
        }
        _ => {}
    }
}

/// JSON's strings are YAML, too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use copilot_yaml::{Diagnostics, Source, parse};

    use super::substituted;
    use crate::interpolate::{Interpolated, Variables, interpolate};

    #[test]
    fn values_are_replaced_and_all_else_stays() {
        let text = "# for ${A}\nname: web   # ${A}\nplain: x-${A}\nquoted: '${A} \\${A}'\nlist: ${LIST}\nblock: |\n  one\n  ${A}\nfolded: >\n  a\n  ${A}\n\n  b\nlast: &a ${A}\nagain: *a\n";
        let source = Source::new("m.yml", text);
        let mut problems = Diagnostics::default();
        let tree = parse(&source, &mut problems).unwrap();
        let shell = [("A", "b: #\"c\""), ("LIST", "[\"x\", \"1\"]")];
        let shell = shell.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let variables = Variables { application: "app".to_owned(), shell };
        let Interpolated::Changed(new) = interpolate(&tree, &source, "test", &variables, &mut problems)
        else {
            panic!("nothing changed")
        };
        let text = substituted(&source, &tree, &new);
        let wanted = r#"# for ${A}
name: web   # ${A}
plain: "x-b: #\"c\""
quoted: "b: #\"c\" \\b: #\"c\""
list: ["x", "1"]
block: |
  one
  b: #"c"
folded: >
  a b: #"c"

  b
last: &a "b: #\"c\""
again: *a
"#;
        assert_eq!(text.text(), wanted);
        let again = parse(&text, &mut problems).unwrap();
        assert!(problems.is_empty());
        for key in ["name", "plain", "quoted", "block", "folded", "last", "again"] {
            assert_eq!(again.get(key).unwrap().as_str(), new.get(key).unwrap().as_str(), "{key}");
        }
    }
}
