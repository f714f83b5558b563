//! From what was typed, what git knows and what a person answers to a complete request.

use copilot_workspace::{Error, Git, GitCommand, Head, Remote, RepositoryUrl, Workspace};

use super::Init;
use crate::failure::Failure;
use crate::init::{PipelineType, Request, check_name, suggest_name};
use crate::io::Io;
use crate::pipeline::read_facts;

/// Questions that nobody was there to answer.
#[derive(Debug, Default)]
struct Missing(Vec<String>);

impl Missing {
    fn add(&mut self, flag: &str, why: impl AsRef<str>) {
        self.0.push(format!("  {flag}  {}", why.as_ref()));
    }
}

/// All that can't be answered is listed at once.
pub(super) fn resolve(
    arguments: &Init,
    region: Option<&str>,
    workspace: &Workspace,
    application: String,
    io: &mut Io<'_>,
) -> Result<Request, Failure> {
    let mut missing = Missing::default();
    if let Some(name) = &arguments.name {
        check_name(name, &application).map_err(Failure::new)?;
    }
    let git = Git::new(GitCommand::new("git"), workspace.root());
    let repository = repository(arguments, region, &git, io, &mut missing)?;
    let branch = branch(arguments, &git, io, &mut missing)?;
    let name = match &arguments.name {
        Some(name) => Some(name.clone()),
        None => ask_name(repository.as_ref(), branch.as_deref(), &application, io, &mut missing)?,
    };
    let kind = match arguments.pipeline_type {
        Some(kind) => Some(kind),
        None => ask_kind(io, &mut missing)?,
    };
    let environments = environments(arguments, workspace, io, &mut missing)?;
    if let (Some(repository), Some(branch), Some(name), Some(kind), Some(environments)) =
        (repository, branch, name, kind, environments)
    {
        let approvals = arguments.require_approval.clone();
        if let Some(unknown) = approvals.iter().find(|name| !environments.contains(name)) {
            return Err(Failure::with_hint(
                format!("`--require-approval {unknown}` is not one of the pipeline's environments"),
                format!("they are: {}", environments.join(", ")),
            ));
        }
        return Ok(Request { application, name, repository, branch, environments, approvals, kind });
    }
    Err(Failure::with_hint(
        format!("there is no terminal to ask at, and these are not given:\n{}", missing.0.join("\n")),
        "give them as flags; `copilot-pipeline init --help` lists all",
    ))
}

/// The option that ends the list of environments.
const ENOUGH: &str = "[no more]";

type Asked<T> = Result<Option<T>, Failure>;

fn repository(
    arguments: &Init,
    region: Option<&str>,
    git: &Git<GitCommand>,
    io: &mut Io<'_>,
    missing: &mut Missing,
) -> Asked<RepositoryUrl> {
    let variables = io.variables();
    let ambient =
        || ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| variables.get(*name)).cloned();
    let region = region.map(str::to_owned).or_else(ambient);
    if let Some(url) = &arguments.url {
        return Ok(Some(RepositoryUrl::parse(url, region.as_deref())?));
    }
    let remotes = git.remotes(region.as_deref())?;
    let (mut usable, mut refused) = (Vec::new(), Vec::new());
    for Remote { name, repository } in remotes {
        match repository {
            Ok(repository) => usable.push((name, repository)),
            Err(error) => refused.push(format!("`{name}`: {error}")),
        }
    }
    if usable.len() == 1 {
        let (name, repository) = usable.remove(0);
        io.note(&format!("following the remote `{name}`: {repository}"));
        return Ok(Some(repository));
    }
    if usable.is_empty() {
        for line in &refused {
            io.warning(&format!("remote {line}"));
        }
        return Err(Failure::with_hint(
            "this repository has no remote that a pipeline can follow",
            "say `--url https://github.com/OWNER/REPOSITORY`, or one on Bitbucket or CodeCommit; `--region` where an address has none",
        ));
    }
    let options: Vec<String> = usable.iter().map(|(name, url)| format!("{url} ({name})")).collect();
    let Some(prompt) = io.prompt() else {
        missing.add("--url", format!("one of: {}", options.join(", ")));
        return Ok(None);
    };
    let chosen = prompt.select("Which repository does the pipeline follow?", &options, None)?;
    Ok(Some(usable.swap_remove(chosen).1))
}

fn branch(arguments: &Init, git: &Git<GitCommand>, io: &mut Io<'_>, missing: &mut Missing) -> Asked<String> {
    if let Some(branch) = &arguments.git_branch {
        return match check_branch(branch) {
            Ok(()) => Ok(Some(branch.clone())),
            Err(problem) => Err(Failure::new(problem)),
        };
    }
    let suggestion = match git.head() {
        Ok(Head::Branch(branch)) => {
            io.note(&format!("following the branch `{branch}`, which is checked out"));
            return Ok(Some(branch));
        }
        Ok(Head::Detached) => git.default_branch("origin")?,
        // With `--url` there need not be a repository here.
        Err(Error::NotARepository { .. } | Error::GitMissing(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(prompt) = io.prompt() else {
        let likely = suggestion.map(|name| format!("; the default branch is `{name}`")).unwrap_or_default();
        missing.add("--git-branch", format!("no branch is checked out{likely}"));
        return Ok(None);
    };
    let mut problem = None;
    loop {
        let suggestion = suggestion.as_deref().unwrap_or("main");
        let branch =
            prompt.text("Which branch does the pipeline follow?", Some(suggestion), problem.as_deref())?;
        match check_branch(&branch) {
            Ok(()) => return Ok(Some(branch)),
            Err(why) => problem = Some(why),
        }
    }
}

/// A part of git's own rules: what could be no branch at all.
fn check_branch(name: &str) -> Result<(), String> {
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    if name.is_empty() || name.starts_with('-') || name.contains("..") || name.contains(forbidden) {
        return Err(format!("`{}` is not the name of a branch", name.escape_debug()));
    }
    Ok(())
}

fn ask_name(
    repository: Option<&RepositoryUrl>,
    branch: Option<&str>,
    application: &str,
    io: &mut Io<'_>,
    missing: &mut Missing,
) -> Asked<String> {
    let suggestion =
        repository.zip(branch).and_then(|(url, branch)| suggest_name(url.repository(), branch, application));
    let Some(prompt) = io.prompt() else {
        let example = suggestion.as_deref().unwrap_or("NAME");
        missing.add("--name", format!("what to call the pipeline, such as `{example}`"));
        return Ok(None);
    };
    let mut problem = None;
    loop {
        let name = prompt.text("What is the pipeline called?", suggestion.as_deref(), problem.as_deref())?;
        match check_name(&name, application) {
            Ok(()) => return Ok(Some(name)),
            Err(why) => problem = Some(why),
        }
    }
}

fn ask_kind(io: &mut Io<'_>, missing: &mut Missing) -> Asked<PipelineType> {
    let Some(prompt) = io.prompt() else {
        missing.add("--pipeline-type", "what the pipeline deploys: `Workloads` or `Environments`");
        return Ok(None);
    };
    let options = ["Workloads: services and jobs".to_owned(), "Environments".to_owned()];
    let chosen = prompt.select("What does the pipeline deploy?", &options, None)?;
    Ok(Some([PipelineType::Workloads, PipelineType::Environments][chosen.min(1)]))
}

fn environments(
    arguments: &Init,
    workspace: &Workspace,
    io: &mut Io<'_>,
    missing: &mut Missing,
) -> Asked<Vec<String>> {
    let known = Known::of(arguments, workspace, io)?;
    if !arguments.environments.is_empty() {
        return known.check(&arguments.environments, io).map(Some);
    }
    let Some(prompt) = io.prompt() else {
        let found = match &known.names[..] {
            [] => String::new(),
            names => format!("; {} has {}", known.owner(), names.join(", ")),
        };
        missing.add("--environments", format!("where to deploy to, such as `test,prod`{found}"));
        return Ok(None);
    };
    let mut chosen: Vec<String> = Vec::new();
    if known.names.is_empty() {
        let answer =
            prompt.text("Which environments does it deploy to, in this order?", None, Some("test,prod"))?;
        let names: Vec<String> = answer.split(',').map(|name| name.trim().to_owned()).collect();
        return known.check(&names, io).map(Some);
    }
    loop {
        let mut options: Vec<String> =
            known.names.iter().filter(|name| !chosen.contains(name)).cloned().collect();
        if options.is_empty() {
            return Ok(Some(chosen));
        }
        if !chosen.is_empty() {
            options.push(ENOUGH.to_owned());
        }
        let question = format!("Which environment is stage {}?", chosen.len() + 1);
        let index = prompt.select(&question, &options, None)?;
        match options.swap_remove(index) {
            answer if answer == ENOUGH => return Ok(Some(chosen)),
            answer => chosen.push(answer),
        }
    }
}

/// Environments that can be stages.
struct Known {
    names: Vec<String>,
    /// Whether there are no others. The workspace need not have a manifest of each.
    complete: bool,
}

impl Known {
    fn of(arguments: &Init, workspace: &Workspace, io: &mut Io<'_>) -> Result<Self, Failure> {
        if let Some(path) = &arguments.facts {
            let facts = read_facts(path, io)?;
            return Ok(Self { names: facts.environments.into_keys().collect(), complete: true });
        }
        let names = workspace.environments()?.iter().map(|file| file.name().to_owned()).collect();
        Ok(Self { names, complete: false })
    }

    fn owner(&self) -> &'static str {
        if self.complete { "the application" } else { "the workspace" }
    }

    fn check(&self, names: &[String], io: &mut Io<'_>) -> Result<Vec<String>, Failure> {
        for (index, name) in names.iter().enumerate() {
            let valid =
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !name.is_empty();
            if !valid {
                return Err(Failure::new(format!(
                    "`{}` is not the name of an environment",
                    name.escape_debug()
                )));
            }
            if names[..index].contains(name) {
                return Err(Failure::new(format!(
                    "the environment `{name}` is given twice; each can be one stage only"
                )));
            }
            if !self.names.contains(name) && self.complete {
                let hint = format!("it has: {}", self.names.join(", "));
                return Err(Failure::with_hint(format!("the application has no environment `{name}`"), hint));
            }
            if !self.names.contains(name) && !self.names.is_empty() {
                io.warning(&format!("the workspace has no manifest of the environment `{name}`"));
            }
        }
        Ok(names.to_vec())
    }
}
