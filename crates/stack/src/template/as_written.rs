//! Values that Copilot pasted into its templates without quotes.
//!
//! A deployed stack holds what a YAML reader made of the pasted text: `'a # b'` lost its quotes, `80` became a number,
//! `yes` a boolean, `a # b` ended before the comment. Users rely on the first and have the others in their stacks, so all
//! four are kept, and so is a whole intrinsic such as `!Ref X`. What can not have been deployed (a text that turned into
//! another list or mapping, or into no YAML at all) is taken as the text that it is.

use copilot_cfn::{Plain, Value};

/// The value that stands in a deployed template where this text was pasted.
pub(crate) fn as_written(text: &str) -> Value {
    if is_bare_word(text) {
        return match Plain::new(text.to_owned()) {
            Some(plain) => Value::Plain(plain),
            None if matches!(text, "null" | "Null" | "NULL") => Value::Null,
            None => Value::from(text.to_owned()),
        };
    }
    read(text)
}

/// The same for a whole list.
pub(crate) fn all_as_written<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Vec<Value> {
    texts.into_iter().map(|text| as_written(text.as_ref())).collect()
}

/// The same for texts that stood between commas in one line: one that holds a comma became several items.
pub(crate) fn items_as_written<T: AsRef<str>>(texts: &[T]) -> Vec<Value> {
    let mut items = Vec::with_capacity(texts.len());
    for text in texts.iter().map(AsRef::as_ref) {
        match text.contains([',', '[', ']', '{', '}']).then(|| flow_list(text)).flatten() {
            Some(several) => items.extend(several),
            None => items.push(as_written(text)),
        }
    }
    items
}

/// The items of a list in one line; nothing when they are no plain items.
fn flow_list(text: &str) -> Option<Vec<Value>> {
    let Some(Value::List(items)) = copilot_cfn::read::raw_scalar(&format!("[{text}]")) else { return None };
    let simple = items
        .iter()
        .all(|item| !matches!(item, Value::List(_) | Value::Map(_)) || item.as_intrinsic().is_some());
    simple.then_some(items)
}

/// Whether the text means the same with and without a reader in between; most names, ARNs and paths are such.
fn is_bare_word(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'$'))
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-$=+@,:".contains(&b))
        && !text.ends_with(':')
}

fn read(text: &str) -> Value {
    // A block without lines below it.
    if text.starts_with(['|', '>']) {
        return text.to_owned().into();
    }
    match copilot_cfn::read::raw_scalar(text) {
        Some(value @ (Value::List(_) | Value::Map(_))) if value.as_intrinsic().is_none() => {
            text.to_owned().into()
        }
        Some(value) => value,
        None => text.to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &'static str) -> Value {
        Value::Plain(Plain::new(text).unwrap())
    }

    #[test]
    fn a_comma_begins_another_item_items_as_written() {
        let texts =
            |texts: &[&str]| texts.iter().map(|text| Value::from((*text).to_owned())).collect::<Vec<_>>();
        for (pasted, items) in [
            (&["a.example"][..], &["a.example"][..]),
            (&["a.example, b.example"], &["a.example", "b.example"]),
            (&["a,b", "c"], &["a", "b", "c"]),
            (&["a, 'b, c'"], &["a", "b, c"]),
            (&["a: b, c"], &["a: b, c"]),
            (&["*.a, b"], &["*.a, b"]),
        ] {
            assert_eq!(items_as_written(pasted), texts(items), "{pasted:?}");
        }
        assert_eq!(items_as_written(&["a", "80"]), [Value::from("a"), plain("80")]);
    }

    #[test]
    fn a_pasted_text_keeps_its_deployed_meaning() {
        for (text, value) in [
            ("nginx:1.25", "nginx:1.25".into()),
            ("arn:aws:ssm:us-west-2:1:parameter/x", "arn:aws:ssm:us-west-2:1:parameter/x".into()),
            ("'a # b'", "a # b".into()),
            ("\"x\"", "x".into()),
            ("a # b", "a".into()),
            ("  a ", "a".into()),
            ("yes", plain("yes")),
            ("0755", plain("0755")),
            ("80", plain("80")),
            ("", Value::Null),
            ("~", Value::Null),
            ("echo a: b", "echo a: b".into()),
            ("{\"a\": 1}", "{\"a\": 1}".into()),
            ("[1]", "[1]".into()),
            ("*.x", "*.x".into()),
            ("@x", "@x".into()),
            ("- x", "- x".into()),
            ("!Ref X", copilot_cfn::intrinsic::reference("X")),
            ("|", "|".into()),
            ("a\nb", "a\nb".into()),
            ("a:", "a:".into()),
            ("--flag", "--flag".into()),
            ("curl -f http://x/ || exit 1", "curl -f http://x/ || exit 1".into()),
        ] {
            assert_eq!(as_written(text), value, "{text:?}");
        }
    }
}
