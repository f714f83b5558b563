//! What the commands about deployed pipelines have in common: which application, which pipeline.

use clap::Args;
use copilot_deployer::pipeline::{self, DeployedPipeline};
use copilot_deployer::{Session, application};
use copilot_engine::pipeline::deployed::deployed;
use copilot_workspace::{Error as WorkspaceError, Workspace};
use copilot_yaml::closest;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::io::Io;
use crate::shell::command;

/// Which deployed pipeline. No workspace is needed.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Name of the pipeline [default: the only one].
    #[arg(short, long, value_parser = crate::names::typed)]
    pub(crate) name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    pub(crate) app: Option<String>,
}

/// A deployed pipeline, and the session that reaches it.
pub(crate) struct Remote {
    pub(crate) aws: Aws,
    pub(crate) app: String,
    pub(crate) pipeline: DeployedPipeline,
    /// The flags before the verb that lead to the same AWS.
    place: Vec<String>,
    /// The flags after it that name the same pipeline.
    names: Vec<String>,
}

impl Which {
    /// Finds the pipeline, or asks which.
    pub(crate) fn find(&self, access: &Access, io: &mut Io<'_>) -> Result<Remote, Failure> {
        let aws = Aws::open(access, io)?;
        let app = application_name(self.app.as_deref(), &aws, io)?;
        let mut all = self.deployed(&app, &aws, io)?;
        let pipeline = all.swap_remove(self.choose(&all, &app, io)?);
        let mut names = vec!["--name".to_owned(), pipeline.name.clone()];
        names.extend(self.app.iter().flat_map(|app| ["--app".to_owned(), app.clone()]));
        Ok(Remote { aws, app, pipeline, place: access.repeated(), names })
    }

    /// The deployed pipelines; also one that is asked for and that tags don't find yet.
    pub(crate) fn deployed(
        &self,
        app: &str,
        aws: &Aws,
        io: &Io<'_>,
    ) -> Result<Vec<DeployedPipeline>, Failure> {
        let mut all = aws.wait(deployed(aws.session(), app))?;
        let expected = self.asked_for(all.is_empty(), io);
        let is_there =
            |name: &String| all.iter().any(|found| found.name == *name || found.resource_name == *name);
        for name in expected.iter().filter(|name| !is_there(name)).cloned().collect::<Vec<_>>() {
            all.extend(aws.wait(pipeline::of_stack(aws.session(), app, &name))?);
        }
        Ok(all)
    }

    /// Names of pipelines that should be there: the one that was typed. Where there is `none`, those of the workspace.
    pub(crate) fn asked_for(&self, none: bool, io: &Io<'_>) -> Vec<String> {
        match &self.name {
            Some(name) => vec![name.clone()],
            None if none => {
                let files = Workspace::find(io.folder()).and_then(|workspace| workspace.pipelines());
                files.unwrap_or_default().iter().map(|file| file.name().to_owned()).collect()
            }
            None => Vec::new(),
        }
    }

    /// The index of the pipeline that is meant.
    pub(crate) fn choose(
        &self,
        all: &[DeployedPipeline],
        app: &str,
        io: &mut Io<'_>,
    ) -> Result<usize, Failure> {
        let names = || all.iter().map(|pipeline| pipeline.name.as_str());
        if let Some(name) = &self.name {
            let found =
                all.iter().position(|pipeline| pipeline.name == *name || pipeline.resource_name == *name);
            return found.ok_or_else(|| not_deployed(name, app, names()));
        }
        match all {
            [] => Err(Failure::with_hint(
                format!("the application `{app}` has no deployed pipeline in this region"),
                "`copilot-pipeline deploy` deploys one; another region is another `--region`",
            )),
            [_] => Ok(0),
            _ => {
                let names: Vec<String> = names().map(str::to_owned).collect();
                let Some(prompt) = io.prompt() else {
                    let hint = format!("pass `--name` with one of: {}", names.join(", "));
                    return Err(Failure::with_hint("several pipelines are deployed", hint));
                };
                Ok(prompt.select("Which pipeline?", &names, None)?)
            }
        }
    }
}

impl Remote {
    pub(crate) fn session(&self) -> &Session {
        self.aws.session()
    }

    /// Says which pipeline it is: for commands that change it without naming it.
    pub(crate) fn named(self, io: &mut Io<'_>) -> Self {
        io.note(format!("the pipeline is `{}`", self.pipeline.name));
        self
    }

    /// The command that shows how a service is that the pipeline deploys.
    pub(crate) fn about_service(&self, service: &str, environment: &str) -> String {
        let mut names = ["--name", service, "--env", environment].map(str::to_owned).to_vec();
        let app = self.names.iter().position(|name| name == "--app");
        names.extend(app.into_iter().flat_map(|at| self.names[at..].iter().cloned()));
        command(&self.place, "svc status", &names)
    }

    /// A command about the same pipeline, to be pasted into a shell.
    pub(crate) fn command(&self, verb: &str) -> String {
        command(&self.place, verb, &self.names)
    }
}

fn not_deployed<'a>(name: &str, app: &str, names: impl Iterator<Item = &'a str> + Clone) -> Failure {
    let message = format!("the application `{app}` has no deployed pipeline `{name}` in this region");
    if let Some(near) = closest(name, names.clone()) {
        return Failure::with_hint(message, format!("did you mean `{near}`?"));
    }
    let names: Vec<&str> = names.collect();
    match &names[..] {
        [] => Failure::with_hint(message, "none is deployed at all; another region is another `--region`"),
        names => Failure::with_hint(message, format!("deployed are: {}", names.join(", "))),
    }
}

/// The application that was typed, that of the workspace, or the only one in this account and region.
pub(crate) fn application_name(typed: Option<&str>, aws: &Aws, io: &mut Io<'_>) -> Result<String, Failure> {
    if let Some(typed) = typed {
        return Ok(typed.to_owned());
    }
    match Workspace::find(io.folder()).and_then(|workspace| workspace.summary()) {
        Ok(summary) => return Ok(summary.application),
        Err(WorkspaceError::NotFound { .. } | WorkspaceError::NoSummary { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let mut names = aws.wait(application::applications(aws.session()))?;
    match names.len() {
        0 => Err(Failure::with_hint(
            format!("there is no application in region {}", aws.session().region()),
            "an application lives in the account and region where it was created: check `--profile` and `--region`",
        )),
        1 => {
            io.note(format!("the application is `{}`, the only one in {}", names[0], aws.session().region()));
            Ok(names.swap_remove(0))
        }
        _ => {
            let Some(prompt) = io.prompt() else {
                let hint = format!("pass `--app` with one of: {}", names.join(", "));
                return Err(Failure::with_hint(
                    "there are several applications, and this is not a workspace",
                    hint,
                ));
            };
            let chosen = prompt.select("Which application?", &names, None)?;
            Ok(names.swap_remove(chosen))
        }
    }
}
