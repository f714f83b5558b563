//! Lines of shell, read far enough to tell which programs they run with which words.
//!
//! Nothing is expanded and nothing is run. Compound commands are taken apart, so that what is inside of a loop or a substitution
//! is found as well.

use std::iter::Peekable;
use std::str::Chars;

/// A word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Its text without quotes. What the shell puts something else in place of stands as it is written, without substitutions.
    pub text: String,
    /// Whether a part of it is known only when the command runs.
    pub expands: bool,
}

/// One program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The program, then its arguments; at least one word.
    pub words: Vec<Word>,
}

/// What is never closed: a quote, or a bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclosed(pub char);

/// How deep substitutions are followed into each other. What is deeper is left out.
const DEEPEST: u32 = 40;

/// Words before a command that are no part of it.
const KEYWORDS: [&str; 14] =
    ["!", "{", "}", "command", "do", "elif", "else", "exec", "if", "sudo", "then", "time", "until", "while"];

/// The programs that a script runs, in the order in which they stand there.
///
/// # Errors
/// [`Unclosed`], which a shell would refuse too.
pub fn invocations(script: &str) -> Result<Vec<Invocation>, Unclosed> {
    let mut scanner =
        Scanner { rest: script.chars().peekable(), found: Vec::new(), depth: 0, too_deep: false };
    scanner.commands(false)?;
    Ok(scanner.found)
}

struct Scanner<'a> {
    rest: Peekable<Chars<'a>>,
    found: Vec<Invocation>,
    depth: u32,
    too_deep: bool,
}

/// A command as far as it was read.
#[derive(Default)]
struct Command {
    words: Vec<Word>,
    /// The word that is being read; there is none between words.
    word: Option<Word>,
    /// Whether the next word is the file of a redirection.
    redirected: bool,
    /// Ends of documents that begin in the next line.
    documents: Vec<String>,
    /// Whether the next word is such an end.
    document: bool,
}

impl Command {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().text.push(c);
    }

    fn expands(&mut self) {
        self.word.get_or_insert_default().expands = true;
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.document) {
            self.documents.push(word.text);
        } else if !std::mem::take(&mut self.redirected) {
            self.words.push(word);
        }
    }

    /// The command's own words: what is set and said before the program is left out.
    fn end(&mut self, found: &mut Vec<Invocation>) {
        self.end_word();
        self.redirected = false;
        let words = std::mem::take(&mut self.words);
        let words: Vec<Word> = words
            .into_iter()
            .skip_while(|word| KEYWORDS.contains(&word.text.as_str()) || is_assignment(&word.text))
            .collect();
        if !words.is_empty() {
            found.push(Invocation { words });
        }
    }
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Scanner<'_> {
    /// Reads commands to the end of the script, or to the `)` that ends them.
    fn commands(&mut self, nested: bool) -> Result<(), Unclosed> {
        let mut command = Command::default();
        while let Some(c) = self.rest.next() {
            match c {
                ')' if nested => {
                    command.end(&mut self.found);
                    return Ok(());
                }
                '\n' => {
                    command.end(&mut self.found);
                    for end in std::mem::take(&mut command.documents) {
                        self.skip_document(&end);
                    }
                }
                c if c.is_whitespace() => command.end_word(),
                '#' if command.word.is_none() => self.skip_comment(),
                // `&>file` redirects, `&` alone ends the command.
                '&' if self.rest.peek() == Some(&'>') => command.end_word(),
                ';' | '|' | '&' | ')' => command.end(&mut self.found),
                '<' | '>' => self.redirection(c, &mut command),
                '(' => {
                    command.end(&mut self.found);
                    self.inner()?;
                }
                c => self.part(c, &mut command)?,
            }
        }
        command.end(&mut self.found);
        if nested && !self.too_deep { Err(Unclosed('(')) } else { Ok(()) }
    }

    /// A part of a word that begins with `c`.
    fn part(&mut self, c: char, command: &mut Command) -> Result<(), Unclosed> {
        match c {
            '\'' => self.single(command),
            '"' => self.double(command),
            '\\' => {
                if let Some(c) = self.rest.next().filter(|c| *c != '\n') {
                    command.push(c);
                }
                Ok(())
            }
            '$' | '`' => self.expansion(c, command, false),
            c => {
                command.push(c);
                Ok(())
            }
        }
    }

    fn single(&mut self, command: &mut Command) -> Result<(), Unclosed> {
        command.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                Some('\'') => return Ok(()),
                Some(c) => command.push(c),
                None => return Err(Unclosed('\'')),
            }
        }
    }

    fn double(&mut self, command: &mut Command) -> Result<(), Unclosed> {
        command.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                Some('"') => return Ok(()),
                Some('\\') => {
                    if let Some(c) = self.rest.next() {
                        if !matches!(c, '$' | '`' | '"' | '\\' | '\n') {
                            command.push('\\');
                        }
                        if c != '\n' {
                            command.push(c);
                        }
                    }
                }
                Some(c @ ('$' | '`')) => self.expansion(c, command, true)?,
                Some(c) => command.push(c),
                None if self.too_deep => return Ok(()),
                None => return Err(Unclosed('"')),
            }
        }
    }

    fn expansion(&mut self, c: char, command: &mut Command, quoted: bool) -> Result<(), Unclosed> {
        if c == '`' {
            command.expands();
            return self.skip_to('`', quoted);
        }
        match self.rest.peek() {
            Some('\'') if !quoted => {
                self.rest.next();
                command.word.get_or_insert_default();
                self.ansi(command)
            }
            Some('(') => {
                self.rest.next();
                command.expands();
                if self.rest.peek() == Some(&'(') { self.arithmetic() } else { self.inner() }
            }
            Some('{') => {
                self.rest.next();
                command.expands();
                command.word.get_or_insert_default().text.push_str("${");
                self.braces(command, quoted)
            }
            Some(next) if next.is_ascii_alphanumeric() || "_@*#?-$!".contains(*next) => {
                command.expands();
                command.push('$');
                Ok(())
            }
            _ => {
                command.push('$');
                Ok(())
            }
        }
    }

    /// The commands inside of brackets.
    fn inner(&mut self) -> Result<(), Unclosed> {
        if self.depth == DEEPEST {
            // Whoever nests deeper hides what is there, but the rest of the script can't be told from it any more.
            self.too_deep = true;
            self.rest = "".chars().peekable();
            return Ok(());
        }
        self.depth += 1;
        let result = self.commands(true);
        self.depth -= 1;
        result
    }

    fn arithmetic(&mut self) -> Result<(), Unclosed> {
        let mut open = 1_u32;
        for c in self.rest.by_ref() {
            match c {
                '(' => open += 1,
                ')' if open == 1 => return Ok(()),
                ')' => open -= 1,
                _ => {}
            }
        }
        Err(Unclosed('('))
    }

    fn braces(&mut self, command: &mut Command, quoted: bool) -> Result<(), Unclosed> {
        let mut open = 1_u32;
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => drop(self.rest.next()),
                '\'' if !quoted => self.skip_to('\'', true)?,
                '{' => open += 1,
                '}' if open == 1 => {
                    command.push('}');
                    return Ok(());
                }
                '}' => open -= 1,
                c => command.push(c),
            }
        }
        Err(Unclosed('{'))
    }

    /// `$'…'`, without looking at what its escapes mean.
    fn ansi(&mut self, command: &mut Command) -> Result<(), Unclosed> {
        loop {
            match self.rest.next() {
                Some('\'') => return Ok(()),
                Some('\\') => {
                    command.expands();
                    self.rest.next();
                }
                Some(c) => command.push(c),
                None => return Err(Unclosed('\'')),
            }
        }
    }

    fn skip_to(&mut self, end: char, literal: bool) -> Result<(), Unclosed> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' if !literal || end == '`' => drop(self.rest.next()),
                c if c == end => return Ok(()),
                _ => {}
            }
        }
        Err(Unclosed(end))
    }

    fn skip_comment(&mut self) {
        while self.rest.peek().is_some_and(|c| *c != '\n') {
            self.rest.next();
        }
    }

    /// A redirection, of which the file is the next word.
    fn redirection(&mut self, first: char, command: &mut Command) {
        // The number of the stream is no word.
        if command.word.as_ref().is_some_and(|word| word.text.chars().all(|c| c.is_ascii_digit())) {
            command.word = None;
        }
        command.end_word();
        let mut operator = String::from(first);
        while let Some(c) = self.rest.next_if(|c| matches!(c, '<' | '>' | '&' | '|')) {
            operator.push(c);
        }
        if operator == "<<" {
            self.rest.next_if_eq(&'-');
            command.document = true;
        } else if self.rest.peek() == Some(&'(') {
            // The commands of `<(…)` are found as any others.
        } else {
            command.redirected = true;
        }
    }

    fn skip_document(&mut self, end: &str) {
        let mut line = String::new();
        for c in self.rest.by_ref() {
            if c != '\n' {
                line.push(c);
            } else if line.trim_start_matches('\t') == end {
                return;
            } else {
                line.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Unclosed, invocations};

    fn shown(script: &str) -> Vec<String> {
        let found = invocations(script).unwrap_or_else(|error| panic!("{script}: {error:?}"));
        let text =
            |words: &[super::Word]| words.iter().flat_map(|word| ["[", &word.text, "]"]).collect::<String>();
        found.iter().map(|invocation| text(&invocation.words)).collect()
    }

    #[test]
    fn programs_are_found_wherever_they_stand() {
        for (script, expected) in [
            ("echo hi", &["[echo][hi]"][..]),
            ("a 'b c' \"d $E\" f\\ g", &["[a][b c][d $E][f g]"]),
            ("A=1 B='x y' a -n; b && c || d | e &", &["[a][-n]", "[b]", "[c]", "[d]", "[e]"]),
            ("x=$(a ls --json)", &["[a][ls][--json]"]),
            ("echo \"$(a \"$(b c)\")\"", &["[b][c]", "[a][]", "[echo][]"]),
            (
                "for e in $envs; do\n  a -e $e;\n  if [ $? -ne 0 ]; then exit 1; fi;\ndone;",
                &["[for][e][in][$envs]", "[a][-e][$e]", "[[][$?][-ne][0][]]", "[exit][1]", "[fi]", "[done]"],
            ),
            ("a 2>&1 >/dev/null <in b", &["[a][b]"]),
            ("# it's a comment\na # don't\nb#c", &["[a]", "[b#c]"]),
            ("cat <<'END' | a\nit's not a quote\nEND\nb", &["[cat]", "[a]", "[b]"]),
            ("a --tag \"${ID##*:}\" ${X:-it} $((1 + (2)))", &["[a][--tag][${ID##*:}][${X:-it}][]"]),
            ("(cd x && ./a)", &["[cd][x]", "[./a]"]),
            ("case $X in a) b ;; esac", &["[case][$X][in][a]", "[b]", "[esac]"]),
            ("a `b 'c` d", &["[a][][d]"]),
            ("sudo a", &["[a]"]),
            ("", &[]),
        ] {
            assert_eq!(shown(script), expected, "{script}");
        }
    }

    #[test]
    fn what_is_not_closed_is_said() {
        for (script, open) in
            [("echo 'a", '\''), ("echo \"a $(b)", '"'), ("a $(b", '('), ("a ${b", '{'), ("a `b", '`')]
        {
            assert_eq!(invocations(script), Err(Unclosed(open)), "{script}");
        }
    }

    #[test]
    fn nothing_is_too_deep_or_too_long() {
        for part in ["$(", "\"$(", "(", "${", "'", "<<a\n", "`", "\\", "$((", "a="] {
            let _ = invocations(&part.repeat(100_000));
        }
    }
}
