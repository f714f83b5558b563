//! Which deployed service or job a command is about: the one that is named, the only one there is, or the one that is chosen.

use clap::Args;
use copilot_deployer::workload::{self, Deployed, Platform};
use copilot_deployer::{Error as AwsError, application};

use crate::aws::{Access, Aws};
use crate::choose::Kind;
use crate::failure::Failure;
use crate::hints;
use crate::io::Io;
use crate::remote::application_name;
use crate::shell::command;

/// Which deployed workload. No workspace is needed.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Name of the service or job [default: the only one that is deployed].
    #[arg(short, long, value_parser = crate::names::typed)]
    pub(crate) name: Option<String>,
    /// Name of the environment [default: the only one that it is deployed in].
    #[arg(short, long, value_parser = crate::names::typed)]
    pub(crate) env: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    pub(crate) app: Option<String>,
}

/// A deployed workload, and the session that reaches it.
pub(crate) struct Found {
    pub(crate) aws: Aws,
    pub(crate) deployed: Deployed,
    pub(crate) subject: Subject,
}

/// What a command is about, as views name it.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    pub(crate) app: String,
    pub(crate) name: String,
    pub(crate) environment: String,
    pub(crate) region: String,
    /// The flags before the verb that lead to the same AWS.
    pub(crate) place: Vec<String>,
    /// The flags after it that name the same workload.
    pub(crate) names: Vec<String>,
}

impl Subject {
    /// A command about the same workload, to be pasted into a shell.
    pub(crate) fn command(&self, verb: &str) -> String {
        command(&self.place, verb, &self.names)
    }
}

impl Which {
    /// Finds the workload for somebody who only looks at it, or asks which of those that are deployed and whose type `fits`.
    pub(crate) fn look(
        &self,
        kind: Kind,
        fits: impl Fn(&str) -> bool,
        access: &Access,
        io: &mut Io<'_>,
    ) -> Result<Found, Failure> {
        let aws = Aws::open(access, io)?;
        let deployed = self.find(kind, fits, &aws, io)?;
        let (app, name, env) = (&deployed.app, &deployed.name, &deployed.environment.name);
        let mut names = ["--name", name, "--env", env].map(str::to_owned).to_vec();
        names.extend(self.app.iter().flat_map(|app| ["--app".to_owned(), app.clone()]));
        let subject = Subject {
            app: app.clone(),
            name: name.clone(),
            environment: env.clone(),
            region: deployed.region().to_owned(),
            place: access.repeated(),
            names,
        };
        Ok(Found { aws, deployed, subject })
    }

    /// Finds it. Only those are offered whose type `fits`.
    pub(crate) fn find(
        &self,
        kind: Kind,
        fits: impl Fn(&str) -> bool,
        aws: &Aws,
        io: &mut Io<'_>,
    ) -> Result<Deployed, Failure> {
        let app = application_name(self.app.as_deref(), aws, io)?;
        let (name, env) = match (&self.name, &self.env) {
            (Some(name), Some(env)) => (name.clone(), env.clone()),
            _ => self.choose(kind, fits, &app, aws, io)?,
        };
        let found = aws.wait(async {
            match workload::find(aws.session(), &app, &env, &name).await {
                Err(error @ AwsError::NotDeployed { .. }) => Ok(Err(error)),
                found => found.map(Ok),
            }
        })?;
        let deployed = found.map_err(|error| unless_unknown(error, kind, &app, &name, aws))?;
        let is_job = deployed.platform() == Platform::Job;
        if is_job != (kind == Kind::Job) {
            let (is, verb) = if is_job { ("job", "job") } else { ("service", "svc") };
            let message = format!("`{name}` is a {is}");
            return Err(Failure::with_hint(message, format!("`copilot-pipeline {verb}` is about {is}s")));
        }
        Ok(deployed)
    }

    /// One of all pairs of a workload and an environment that it is deployed in.
    fn choose(
        &self,
        kind: Kind,
        fits: impl Fn(&str) -> bool,
        app: &str,
        aws: &Aws,
        io: &mut Io<'_>,
    ) -> Result<(String, String), Failure> {
        let noun = kind.noun();
        let mut pairs = Vec::new();
        for found in aws.wait(workload::everywhere(aws.session(), app))? {
            let env = found.environment.name;
            if self.env.as_ref().is_some_and(|wanted| *wanted != env) {
                continue;
            }
            match found.workloads {
                Ok(workloads) => {
                    let of_kind = workloads
                        .into_iter()
                        .filter(|(it, _)| it.is_job() == (kind == Kind::Job) && fits(&it.kind));
                    let named =
                        of_kind.filter(|(it, _)| self.name.as_ref().is_none_or(|name| *name == it.name));
                    pairs.extend(named.map(|(workload, _)| (workload.name, env.clone())));
                }
                Err(error) => io.warning(&format!("the environment `{env}` is left out: {error}")),
            }
        }
        pairs.sort();
        let shown: Vec<String> = pairs.iter().map(|(name, env)| format!("{name} ({env})")).collect();
        match &pairs[..] {
            [] => Err(self.none(noun)),
            [(name, env)] => {
                io.note(format!(
                    "the {noun} is `{name}` in the environment `{env}`, the only one that is deployed"
                ));
                Ok((name.clone(), env.clone()))
            }
            _ => {
                let Some(prompt) = io.prompt() else {
                    let hint = format!("pass `--name` and `--env` with one of: {}", shown.join(", "));
                    return Err(Failure::with_hint(format!("several {noun}s are deployed"), hint));
                };
                let chosen = prompt.select(&format!("Which {noun} and environment?"), &shown, None)?;
                Ok(pairs.swap_remove(chosen))
            }
        }
    }

    fn none(&self, noun: &str) -> Failure {
        let message = match (&self.name, &self.env) {
            (Some(name), Some(env)) => {
                format!("the {noun} `{name}` is not deployed in the environment `{env}`")
            }
            (Some(name), None) => format!("the {noun} `{name}` is deployed nowhere"),
            (None, Some(env)) => format!("no {noun} is deployed in the environment `{env}`"),
            (None, None) => format!("no {noun} is deployed"),
        };
        Failure::with_hint(message, "a pipeline deploys it, or AWS Copilot")
    }
}

/// A name that the application doesn't know is wrong wherever it is looked for.
fn unless_unknown(error: AwsError, kind: Kind, app: &str, name: &str, aws: &Aws) -> Failure {
    let Ok(known) = aws.wait(application::workloads(aws.session(), app)) else { return error.into() };
    if known.iter().any(|workload| workload.name == name) {
        return error.into();
    }
    let of_kind = known.iter().filter(|workload| workload.is_job() == (kind == Kind::Job));
    unknown(kind.noun(), name, app, &of_kind.map(|workload| workload.name.clone()).collect::<Vec<_>>())
}

/// The application has no service or job of that name.
pub(super) fn unknown(noun: &str, name: &str, app: &str, known: &[String]) -> Failure {
    let message = format!("the application `{app}` has no {noun} `{name}`");
    Failure::with_hint(message, hints::unknown(noun, name, known))
}
