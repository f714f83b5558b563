//! Command lines of this program that can be pasted into a shell.

use copilot_engine::shell::word;

/// A command of this program that can be pasted into a shell.
pub(crate) fn command(before: &[String], verb: &str, after: &[String]) -> String {
    let words =
        before.iter().map(String::as_str).chain(verb.split(' ')).chain(after.iter().map(String::as_str));
    std::iter::once("copilot-pipeline".to_owned()).chain(words.map(word)).collect::<Vec<_>>().join(" ")
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
