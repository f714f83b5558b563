//! Command lines of this program that can be pasted into a shell.

/// A command of this program that can be pasted into a shell.
pub(crate) fn command(before: &[String], verb: &str, after: &[String]) -> String {
    let words =
        before.iter().map(String::as_str).chain(verb.split(' ')).chain(after.iter().map(String::as_str));
    std::iter::once("copilot-pipeline".to_owned()).chain(words.map(quoted)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn words_are_quoted_for_a_shell() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            command(&words(&["--local", "it's here"]), "status --watch", &words(&["--name", "main"])),
            r"copilot-pipeline --local 'it'\''s here' status --watch --name main"
        );
    }
}
