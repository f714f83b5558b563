//! Pages that document the keys of a manifest, made from its form.

use std::fmt::Write as _;

use crate::decode::{RecordShape, Shape};

/// A page of Markdown: every key of a manifest with what it takes and what it does.
pub fn page(title: &str, shape: &Shape) -> String {
    let mut page = format!("# {title}\n");
    if let Shape::Record(record) = shape {
        let _ = write!(page, "\n{}\n", sentence(&record.doc));
        keys(record, "", &mut page);
    }
    page
}

fn keys(record: &RecordShape, path: &str, page: &mut String) {
    for field in &record.fields {
        let path = if path.is_empty() { field.key.to_owned() } else { format!("{path}.{}", field.key) };
        let shape = (field.shape)();
        let _ = write!(page, "\n## `{path}`\n\n{}\n\nTakes {}.\n", sentence(&field.doc), takes(&shape));
        // What an environment overrides is documented above.
        if field.key != "environments" {
            nested(&shape, &path, page);
        }
    }
}

/// The keys below a key.
fn nested(shape: &Shape, path: &str, page: &mut String) {
    match shape {
        Shape::List(item) => nested(item, &format!("{path}[]"), page),
        Shape::Map(value) => nested(value, &format!("{path}.<name>"), page),
        Shape::OneOf(forms) => forms.iter().for_each(|form| nested(form, path, page)),
        Shape::Record(record) => keys(record, path, page),
        _ => {}
    }
}

/// One paragraph, whatever the width of the source.
fn sentence(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn takes(shape: &Shape) -> String {
    match shape {
        Shape::Any => "any value".to_owned(),
        Shape::String => "a text".to_owned(),
        Shape::Format(name, _) => format!("a {name}"),
        Shape::Enum(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Shape::Integer(_, Some(most)) => format!("a whole number up to {most}"),
        Shape::Integer(..) => "a whole number".to_owned(),
        Shape::Number => "a number".to_owned(),
        Shape::Boolean => "`true` or `false`".to_owned(),
        Shape::List(item) => match &**item {
            Shape::String => "a list of texts".to_owned(),
            Shape::Record(_) => "a list of mappings".to_owned(),
            item => format!("a list, each item {}", takes(item)),
        },
        Shape::Map(value) => format!("a mapping of names, each to {}", takes(value)),
        Shape::Record(record) => {
            let keys: Vec<String> = record.fields.iter().map(|field| format!("`{}`", field.key)).collect();
            match keys.as_slice() {
                [key] => format!("a mapping with the key {key}"),
                keys if keys.len() <= 12 => format!("a mapping with the keys {}", keys.join(", ")),
                _ => "a mapping".to_owned(),
            }
        }
        Shape::OneOf(forms) => forms.iter().map(takes).collect::<Vec<_>>().join("; or "),
    }
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::workload::WorkloadType;

    #[test]
    fn a_page_has_every_key_once() {
        let page = page("Static Site", &WorkloadType::StaticSite.shape());
        let keys: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(
            keys,
            [
                "`name`",
                "`type`",
                "`http`",
                "`http.alias`",
                "`http.certificate`",
                "`files`",
                "`files[].source`",
                "`files[].destination`",
                "`files[].recursive`",
                "`files[].exclude`",
                "`files[].reinclude`",
                "`environments`",
            ]
        );
        assert!(page.contains("Takes a text; or a list of texts."), "{page}");
    }
}
