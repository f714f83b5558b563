//! Names of pipelines.

use copilot_manifest::names::{self, Problem};

/// CodePipeline takes 100 letters.
const LONGEST: usize = 100;
/// CloudFormation takes 128 for the stack, which is called `pipeline-APPLICATION-NAME`.
const LONGEST_STACK: usize = 128;

fn longest(application: &str) -> usize {
    LONGEST.min(LONGEST_STACK.saturating_sub("pipeline--".len() + application.len()))
}

/// What is wrong with a name, as a sentence about the name.
pub(crate) fn check(name: &str, application: &str) -> Result<(), String> {
    let longest = longest(application);
    let problem = match names::check_new(name) {
        Ok(()) if name.len() <= longest => return Ok(()),
        Ok(()) | Err(Problem::Long) => format!("is longer than {longest} letters"),
        Err(problem) => problem.to_string(),
    };
    Err(format!("the pipeline name `{}` {problem}", name.escape_debug()))
}

/// A name made of those of repository and branch, if anything of them is left; with a number where it is taken.
pub(crate) fn suggest(
    repository: &str,
    branch: &str,
    application: &str,
    is_free: impl Fn(&str) -> bool,
) -> Option<String> {
    let words = format!("{repository}-{branch}").to_lowercase();
    let words: Vec<&str> =
        words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    let start = name.find(|c: char| c.is_ascii_lowercase())?;
    name.drain(..start);
    name.truncate(longest(application));
    let name = name.trim_end_matches('-');
    let numbered = (2..10).map(|number| format!("{name}-{number}"));
    let good = |name: &String| check(name, application).is_ok() && is_free(name);
    std::iter::once(name.to_owned()).chain(numbered).find(good)
}

/// A part of git's own rules: what could be no branch at all.
pub(crate) fn check_branch(name: &str) -> Result<(), String> {
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    if name.is_empty() || name.starts_with('-') || name.contains("..") || name.contains(forbidden) {
        return Err(format!("`{}` is not the name of a branch", name.escape_debug()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_are_checked() {
        let long = "a".repeat(101);
        for bad in ["", "1234", "a", "A", "a_b", "a--b", "a-", "ä", "-a", &long] {
            assert!(check(bad, "app").is_err(), "{bad:?}");
        }
        for good in ["ab", "a1", "a-b-c", &"a".repeat(100)] {
            assert_eq!(check(good, "app"), Ok(()));
        }
        let application = "b".repeat(60);
        assert!(check(&"a".repeat(58), &application).is_ok());
        assert!(check(&"a".repeat(59), &application).is_err());
    }

    #[test]
    fn names_are_suggested() {
        let taken = ["shop-main", "shop-main-2"];
        let numbered = super::suggest("Shop", "main", "app", |name| !taken.contains(&name));
        assert_eq!(numbered.as_deref(), Some("shop-main-3"));
        let suggest = |repository: &str, branch: &str, application: &str| {
            super::suggest(repository, branch, application, |_| true)
        };
        assert_eq!(suggest("Shop", "main", "app").as_deref(), Some("shop-main"));
        assert_eq!(suggest("my.repo", "feature/X_1", "app").as_deref(), Some("my-repo-feature-x-1"));
        assert_eq!(suggest("2048", "größe", "app").as_deref(), Some("gr-e"));
        assert_eq!(suggest("42", "7", "app"), None);
        assert_eq!(suggest(&"x".repeat(200), "m", "app").map(|name| name.len()), Some(100));
    }
}
