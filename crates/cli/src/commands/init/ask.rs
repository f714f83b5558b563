//! From what was typed, what git knows and what a person answers to a complete request.

use copilot_engine::Project;
use copilot_workspace::{Error, Git, GitCommand, Head, Remote, RepositoryUrl};

use super::environments::environments;
use super::{Init, existing};
use crate::aws::Access;
use crate::failure::Failure;
use crate::init::{PipelineType, Request, all_names, check_branch, check_name, suggest_name};
use crate::io::Io;
use crate::prompt::Question;

/// Questions that nobody was there to answer.
#[derive(Debug, Default)]
pub(super) struct Missing(Vec<String>);

impl Missing {
    pub(super) fn add(&mut self, flag: &str, why: impl AsRef<str>) {
        self.0.push(format!("  {flag}  {}", why.as_ref()));
    }
}

/// All that can't be answered is listed at once.
pub(super) fn resolve(
    arguments: &Init,
    access: &Access,
    project: &Project,
    io: &mut Io<'_>,
) -> Result<Request, Failure> {
    let (workspace, application) = (project.workspace(), project.application()?);
    let mut missing = Missing::default();
    if let Some(name) = &arguments.name {
        check_name(name, application).map_err(Failure::new)?;
        existing::refuse(workspace, name, arguments.force)?;
    }
    let git = project.git(&io.interrupt().cancel());
    let repository = repository(arguments, access.region.as_deref(), &git, io, &mut missing)?;
    let branch = branch(arguments, &git, io, &mut missing)?;
    let name = if let Some(name) = &arguments.name {
        Some(name.clone())
    } else {
        let suggestion = repository.as_ref().zip(branch.as_deref());
        let suggestion = suggestion.and_then(|(url, branch)| {
            let is_free = |name: &str| existing::refuse(workspace, name, false).is_ok();
            suggest_name(url.repository(), branch, application, is_free)
        });
        let name = ask_name(suggestion.as_deref(), application, io, &mut missing)?;
        if let Some(name) = &name {
            existing::refuse(workspace, name, arguments.force)?;
        }
        name
    };
    let kind = match arguments.pipeline_type {
        Some(kind) => Some(kind),
        None => ask_kind(io, &mut missing)?,
    };
    let environments = environments(arguments, access, project, io, &mut missing)?;
    if let (Some(repository), Some(branch), Some(name), Some(kind), Some(environments)) =
        (repository, branch, name, kind, environments)
    {
        let approvals = all_names(&arguments.require_approval);
        if let Some(unknown) = approvals.iter().find(|name| !environments.contains(name)) {
            return Err(Failure::with_hint(
                format!("`--require-approval {unknown}` is not one of the pipeline's environments"),
                format!("they are: {}", environments.join(", ")),
            ));
        }
        let application = application.to_owned();
        return Ok(Request { application, name, repository, branch, environments, approvals, kind });
    }
    Err(Failure::with_hint(
        format!("cannot prompt: not a terminal; these are missing:\n{}", missing.0.join("\n")),
        "give them as flags; `copilot-pipeline init --help` lists all",
    ))
}

/// What was answered; nothing where nobody was there to ask.
pub(super) type Asked<T> = Result<Option<T>, Failure>;

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
        io.note(format!("following the remote `{name}`: {repository}"));
        return Ok(Some(repository));
    }
    if usable.is_empty() {
        for line in &refused {
            io.warning(&format!("remote {line}"));
        }
        return Err(Failure::with_hint(
            "this repository has no remote that a pipeline can follow",
            "pass `--url https://github.com/OWNER/REPOSITORY`, or one on Bitbucket or CodeCommit; `--region` where an address has none",
        ));
    }
    let options: Vec<String> = usable.iter().map(|(name, url)| format!("{url} ({name})")).collect();
    let Some(prompt) = io.prompt() else {
        missing.add("--url", format!("one of: {}", options.join(", ")));
        return Ok(None);
    };
    let chosen = prompt.select(
        "Which repository does the pipeline follow?",
        &options,
        Some("the remotes of this git repository\n`--url` answers this too"),
    )?;
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
            io.note(format!("following the branch `{branch}`, which is checked out"));
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
    let question = Question {
        text: "Which branch does the pipeline follow?",
        suggestion: Some(suggestion.as_deref().unwrap_or("main")),
        help: "each push to it starts an execution\n`--git-branch` answers this too",
        check: &check_branch,
    };
    Ok(Some(prompt.text(&question)?))
}

fn ask_name(
    suggestion: Option<&str>,
    application: &str,
    io: &mut Io<'_>,
    missing: &mut Missing,
) -> Asked<String> {
    let Some(prompt) = io.prompt() else {
        let example = suggestion.unwrap_or("NAME");
        missing.add("--name", format!("what to call the pipeline, such as `{example}`"));
        return Ok(None);
    };
    let question = Question {
        text: "What is the pipeline called?",
        suggestion,
        help: "lower-case letters, digits and hyphens\nits folder and its stack are named after it\n`--name` answers this too",
        check: &|name| check_name(name, application),
    };
    Ok(Some(prompt.text(&question)?))
}

fn ask_kind(io: &mut Io<'_>, missing: &mut Missing) -> Asked<PipelineType> {
    let Some(prompt) = io.prompt() else {
        missing.add("--pipeline-type", "what the pipeline deploys: `Workloads` or `Environments`");
        return Ok(None);
    };
    let options = ["Workloads: services and jobs".to_owned(), "Environments".to_owned()];
    let chosen = prompt.select(
        "What does the pipeline deploy?",
        &options,
        Some("`--pipeline-type` answers this too"),
    )?;
    Ok(Some([PipelineType::Workloads, PipelineType::Environments][chosen.min(1)]))
}
