//! Which environments can be stages: those that the facts, AWS or the workspace know.

use std::time::Duration;

use camino::Utf8Path;
use copilot_engine::{Project, facts};
use copilot_manifest::names::check as check_name;

use super::Init;
use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::harmless::{one_line, shortened};
use crate::io::Io;

/// How long AWS may take to say which environments there are.
const PATIENCE: Duration = Duration::from_secs(4);

/// Environments that can be stages.
pub(super) struct Known {
    pub(super) names: Vec<String>,
    /// Whether there are no others. The workspace need not have a manifest of each.
    complete: bool,
}

/// What is wrong with a list, and what helps.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem(String, Option<String>);

impl Problem {
    pub(super) fn failure(self) -> Failure {
        Failure::Message { message: self.0, hint: self.1 }
    }

    pub(super) fn sentence(self) -> String {
        match self.1 {
            Some(hint) => format!("{}; {hint}", self.0),
            None => self.0,
        }
    }
}

impl Known {
    /// From the facts that are given, else from AWS where it can be asked, else from the workspace.
    pub(super) fn of(
        arguments: &Init,
        access: Option<&Access>,
        project: &Project,
        io: &mut Io<'_>,
    ) -> Result<Self, Failure> {
        if let Some(path) = &arguments.facts {
            let (facts, warnings) = facts::read(path, io.folder())?;
            io.diagnostics(&warnings);
            return Ok(Self { names: facts.environments.into_keys().collect(), complete: true });
        }
        let application = project.application()?;
        if let Some(access) = access.filter(|access| is_configured(access, io)) {
            match asked(access, application, io) {
                Ok(names) if !names.is_empty() => return Ok(Self { names, complete: true }),
                Ok(_) => io.note(format!("`{application}` has no environment at AWS yet")),
                Err(Failure::Interrupted(goes_on)) => return Err(Failure::Interrupted(goes_on)),
                Err(failure) => io.note(format!(
                    "AWS was not asked for environments, those of the workspace are taken: {}",
                    shortened(&one_line(&failure.to_string()), 200)
                )),
            }
        }
        let names = project.workspace().environments()?.iter().map(|file| file.name().to_owned()).collect();
        Ok(Self { names, complete: false })
    }

    pub(super) fn owner(&self) -> &'static str {
        if self.complete { "the application" } else { "the workspace" }
    }

    pub(super) fn check(&self, names: &[String]) -> Result<(), Problem> {
        if names.is_empty() {
            return Err(Problem("a pipeline deploys to at least one environment".to_owned(), None));
        }
        for (index, name) in names.iter().enumerate() {
            if let Err(problem) = check_name(name) {
                let message =
                    format!("`{}` is not the name of an environment: it {problem}", name.escape_debug());
                return Err(Problem(message, None));
            }
            if names[..index].contains(name) {
                let message = format!("the environment `{name}` is given twice; each can be one stage only");
                return Err(Problem(message, None));
            }
            if !self.names.contains(name) && self.complete {
                let hint = format!("it has: {}", self.names.join(", "));
                return Err(Problem(format!("the application has no environment `{name}`"), Some(hint)));
            }
        }
        Ok(())
    }

    /// Says which environments are not known here.
    pub(super) fn warn(&self, names: &[String], io: &mut Io<'_>) {
        if self.complete || self.names.is_empty() {
            return;
        }
        for name in names.iter().filter(|name| !self.names.contains(name)) {
            io.warning(&format!("the workspace has no manifest of the environment `{name}`"));
        }
    }
}

/// Whether anything says where AWS is: without it, looking for the credentials of a machine at Amazon takes seconds.
fn is_configured(access: &Access, io: &Io<'_>) -> bool {
    const VARIABLES: [&str; 8] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ];
    let set = |name: &str| io.variables().get(name).filter(|value| !value.is_empty());
    let home = set("HOME").or_else(|| set("USERPROFILE"));
    let file = |variable: &str, usual: &str| match (set(variable), home) {
        (Some(path), _) => Utf8Path::new(path).is_file(),
        (None, Some(home)) => Utf8Path::new(home).join(".aws").join(usual).is_file(),
        (None, None) => false,
    };
    access.local.is_some()
        || access.profile.is_some()
        || access.region.is_some()
        || VARIABLES.iter().any(|name| set(name).is_some())
        || file("AWS_CONFIG_FILE", "config")
        || file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
}

fn asked(access: &Access, application: &str, io: &Io<'_>) -> Result<Vec<String>, Failure> {
    let aws = Aws::open_within(access, Some(PATIENCE), io)?;
    let found =
        aws.wait_within(PATIENCE, copilot_deployer::application::environments(aws.session(), application))?;
    aws.close()?;
    Ok(found.into_iter().map(|environment| environment.name).collect())
}

#[cfg(test)]
mod tests {
    use super::{Known, Problem};

    #[test]
    fn lists_are_checked() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let known = Known { names: words("test prod"), complete: true };
        assert_eq!(known.check(&words("prod test")), Ok(()));
        for wrong in [vec![], words("test test"), words("tset"), words("te$t")] {
            assert!(known.check(&wrong).is_err(), "{wrong:?}");
        }
        let Err(problem) = known.check(&words("tset")) else { panic!() };
        assert_eq!(
            Problem::sentence(problem),
            "the application has no environment `tset`; it has: test, prod"
        );
        assert_eq!(Known { complete: false, ..known }.check(&words("tset")), Ok(()));
    }
}
