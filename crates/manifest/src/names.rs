//! Names of applications, environments, services, jobs and pipelines: what they consist of.
//!
//! They become parts of paths, of stacks' names and of commands. So they are checked wherever one comes from: a file of the
//! workspace, a facts file, a flag, a prompt.

/// Most letters of any name.
pub const LONGEST: usize = 255;

/// Why a text is no name. `Display` completes a sentence that begins with the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It is empty.
    #[error("is empty")]
    Empty,
    /// It begins with something that no name begins with.
    #[error("does not begin with a letter or a digit")]
    Begin,
    /// Something in it is no letter, digit or hyphen of ASCII.
    #[error("holds {0:?}; names take letters, digits and hyphens")]
    Character(char),
    /// It has more than [`LONGEST`] letters.
    #[error("is longer than {LONGEST} letters")]
    Long,
    /// A new name begins with a lower-case letter.
    #[error("does not begin with a lower-case letter")]
    NoLetter,
    /// A new name has no capitals.
    #[error("holds something other than lower-case letters, digits and hyphens")]
    Capital,
    /// A new name has two letters at least.
    #[error("is shorter than two letters")]
    Short,
    /// A new name has no two hyphens in a row.
    #[error("has two hyphens in a row")]
    Hyphens,
    /// A new name does not end in a hyphen.
    #[error("ends in a hyphen")]
    End,
}

/// Whether a text can be the name of something that exists: letters, digits and hyphens.
///
/// That is what CloudFormation takes as a part of a stack's name. Older versions of Copilot took more than it does for new names.
///
/// # Errors
/// The first [`Problem`].
pub fn check(name: &str) -> Result<(), Problem> {
    let first = name.chars().next().ok_or(Problem::Empty)?;
    if let Some(other) = name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
        return Err(Problem::Character(other));
    }
    if !first.is_ascii_alphanumeric() {
        return Err(Problem::Begin);
    }
    if name.len() > LONGEST { Err(Problem::Long) } else { Ok(()) }
}

/// Whether something new can have the name, by Copilot's rule.
///
/// # Errors
/// The first [`Problem`].
pub fn check_new(name: &str) -> Result<(), Problem> {
    match name.as_bytes() {
        [] => Err(Problem::Empty),
        [first, ..] if !first.is_ascii_lowercase() => Err(Problem::NoLetter),
        bytes if !bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-') => {
            Err(Problem::Capital)
        }
        [_] => Err(Problem::Short),
        bytes if bytes.len() > LONGEST => Err(Problem::Long),
        bytes if bytes.windows(2).any(|pair| pair == b"--") => Err(Problem::Hyphens),
        [.., b'-'] => Err(Problem::End),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Problem, check, check_new};

    #[test]
    fn names_that_exist_are_harmless() {
        for good in ["a", "gRPC", "my-app", "2048", "a--b", "a-", &"a".repeat(LONGEST)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a b",
            "a$(touch X)",
            "a`id`",
            "a;b",
            "a\nb",
            "a/b",
            "..",
            "a'b",
            "a\"b",
            "größe",
            "a_b",
            "a.b",
            "a\u{1b}[0m",
            "${A}",
        ] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        assert_eq!(check(&"a".repeat(LONGEST + 1)), Err(Problem::Long));
        assert_eq!(
            check("a$(b)").unwrap_err().to_string(),
            "holds '$'; names take letters, digits and hyphens"
        );
    }

    #[test]
    fn new_names_follow_the_rule_of_copilot() {
        for good in ["ab", "a1", "a-b-c", &"a".repeat(LONGEST)] {
            assert_eq!(check_new(good), Ok(()), "{good}");
        }
        for bad in ["", "1a", "a", "A", "aB", "a_b", "a--b", "a-", "ä", "-a", &"a".repeat(LONGEST + 1)] {
            assert!(check_new(bad).is_err(), "{bad:?}");
        }
    }
}
