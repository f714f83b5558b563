//! What a text that is no YAML gets wrong, in words that say what to write instead.
//!
//! The parser says where it gave up and in which state it was. What was meant is seen from the lines: how far they are
//! indented, and what stands on them.

/// What is wrong, and what to write instead, from the parser's own words (in lower case) and the place where it stopped.
pub(crate) fn explain(info: &str, text: &str, at: usize) -> (String, String) {
    let here = Line::at(text, at);
    let found = if info.contains("mapping values are not allowed") {
        no_value(&here, text, at)
    } else if info.contains("did not find expected key") {
        misfit(&here, text)
    } else if info.contains("expected '-' indicator") {
        beside_items(&here, text)
    } else if info.contains("simple key expected") {
        Some(without_colon(here.body))
    } else {
        other(info)
    };
    found.unwrap_or_else(|| {
        let help = "look at this line and the ones above: quotes and brackets that are not closed, or a value that needs quotes \
                    because it holds `: ` or ` #` or starts with one of `@ % & * ! | > { [`";
        (info.to_owned(), help.to_owned())
    })
}

/// A line of a text.
struct Line<'a> {
    /// Where it begins.
    start: usize,
    /// Spaces before what stands on it.
    indentation: usize,
    /// What stands on it, without the spaces around it.
    body: &'a str,
}

impl<'a> Line<'a> {
    fn at(text: &'a str, at: usize) -> Self {
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let line = &text[start..end];
        let body = line.trim_start_matches(' ');
        Self { start, indentation: line.len() - body.len(), body: body.trim_end() }
    }

    /// The nearest line above that says something.
    fn above(&self, text: &'a str) -> Option<Self> {
        let mut line = Self::at(text, self.start.checked_sub(1)?);
        while line.body.is_empty() || line.body.starts_with('#') {
            line = Self::at(text, line.start.checked_sub(1)?);
        }
        Some(line)
    }

    /// The columns, from 0, at which something stands that a later line may stand below: `-`s, then the key.
    fn columns(&self) -> Vec<usize> {
        let mut columns = vec![self.indentation];
        let mut rest = self.body;
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item.trim_start();
            columns.push(self.indentation + self.body.len() - rest.len());
        }
        columns
    }

    /// The key that the line begins with, behind the `-`s.
    fn key(&self) -> Option<&'a str> {
        let rest = self.body.trim_start_matches(['-', ' ']);
        let end = rest.find(": ").or_else(|| rest.strip_suffix(':').map(str::len))?;
        Some(&rest[..end])
    }
}

/// A key stands where a value has been or none can be.
fn no_value(here: &Line<'_>, text: &str, at: usize) -> Option<(String, String)> {
    let before = text[here.start..at].trim_start_matches([' ', '-']);
    let own = here.key()?;
    if before.contains(": ") || before.len() > own.len() {
        let what = format!("the value of `{own}` holds `: ` or ends in `:`");
        return Some((what, format!("put the value of `{own}` in quotes: '…'")));
    }
    let above = here.above(text)?;
    let Some(key) = above.key() else { return Some(without_colon(above.body)) };
    let column = *above.columns().last()?;
    let what = format!("`{own}` is indented deeper than `{key}`, which has a value already");
    (here.indentation > column).then(|| (what, format!("indent `{own}` by {}, like `{key}`", spaces(column))))
}

/// A line's indentation is that of no line above.
fn misfit(here: &Line<'_>, text: &str) -> Option<(String, String)> {
    let columns = open_columns(here, text);
    if columns.is_empty() || columns.contains(&here.indentation) {
        return None;
    }
    let what = format!("the indentation of {} is that of no line above", spaces(here.indentation));
    Some((what, format!("indent the line by {}, like the lines above that it belongs to", or(&columns))))
}

/// Something that is no item stands among the items of a list.
fn beside_items(here: &Line<'_>, text: &str) -> Option<(String, String)> {
    let columns = open_columns(here, text);
    if !columns.contains(&here.indentation) {
        return misfit(here, text);
    }
    let what = "a list's items are above, and this line is none".to_owned();
    let is_mapping = here.above(text).is_some_and(|above| above.key().is_some());
    let inner = columns.iter().filter(|column| is_mapping && **column > here.indentation).min();
    let help = match inner {
        Some(inner) => format!(
            "indent the line by {} to make it a part of the item above, or begin it with `- `",
            spaces(*inner)
        ),
        None => "begin the line with `- `, or indent it less to end the list".to_owned(),
    };
    Some((what, help))
}

/// A line inside of a mapping is no key.
fn without_colon(body: &str) -> (String, String) {
    let word: String = body.split(' ').next().unwrap_or_default().chars().take(60).collect();
    let help = match word.split_once(':') {
        Some((key, value)) if !value.is_empty() => format!("put a space behind the colon: `{key}: {value}`"),
        _ => format!("write `{word}:`, or indent the line to make it a part of the value above"),
    };
    (format!("`{word}` is not a key: it has no `: `"), help)
}

fn other(info: &str) -> Option<(String, String)> {
    let known = [
        (
            "unclosed bracket",
            "a bracket that begins here is never closed",
            "close it, or put a value that starts with it in quotes",
        ),
        (
            "unclosed quote",
            "a quote that begins here is never closed",
            "close it; inside of single quotes, a quote is written twice: 'it''s'",
        ),
        (
            "invalid trailing content after",
            "something stands behind the closing quote",
            "put the whole value in quotes; inside of single quotes, a quote is written twice: 'it''s'",
        ),
        (
            "misplaced bracket",
            "a bracket is closed that was never opened",
            "delete it, or put a value that starts with it in quotes",
        ),
        (
            "mismatched bracket",
            "a bracket is closed by one of another kind",
            "close `[` with `]` and `{` with `}`",
        ),
        ("expected ',' or '}'", "a `{` above is not closed", "close it, or put a comma between two keys"),
        ("expected ',' or ']'", "a `[` above is not closed", "close it, or put a comma between two items"),
        (
            "illegal placement of ':'",
            "a `[` above is not closed",
            "close it, or put a value with `:` in quotes",
        ),
        (
            "block sequence entries",
            "a list begins behind a key",
            "begin the list on the next line, or write it as `[…]`",
        ),
        (
            "comment intercepting",
            "a comment stands inside of a text that goes on below",
            "move the comment to a line of its own, or indent the line below like this one",
        ),
        ("unexpected character", "a value can't begin with this character", "put the value in quotes"),
        ("anchor or alias", "a value can't begin with `&` or `*` alone", "put the value in quotes"),
    ];
    known
        .iter()
        .find(|(part, ..)| info.contains(part))
        .map(|(_, what, help)| ((*what).to_owned(), (*help).to_owned()))
}

/// Most lines above that are looked at.
const LINES: usize = 1000;

/// The columns at which a line here could go on, the nearest first.
fn open_columns(here: &Line<'_>, text: &str) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut line = here.above(text);
    for _ in 0..LINES {
        let Some(current) = line else { break };
        for column in current.columns().into_iter().rev() {
            if found.last().is_none_or(|last| column < *last) {
                found.push(column);
            }
        }
        if found.last() == Some(&0) {
            break;
        }
        line = current.above(text);
    }
    found
}

fn spaces(count: usize) -> String {
    match count {
        0 => "no space".to_owned(),
        1 => "1 space".to_owned(),
        _ => format!("{count} spaces"),
    }
}

/// `4, 2 or 0 spaces`, of the nearest few.
fn or(columns: &[usize]) -> String {
    let numbers: Vec<String> = columns.iter().take(3).map(usize::to_string).collect();
    match numbers.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last} spaces", rest.join(", ")),
        _ => spaces(columns.first().copied().unwrap_or_default()),
    }
}
