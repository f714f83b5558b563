//! `init`: a new pipeline's manifest and buildspec.

mod ask;
mod environments;
mod existing;
mod known;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_engine::Project;
use copilot_engine::files::{Existing, write_all};
use copilot_engine::pipeline::{check_region, windows_images};
use copilot_engine::program::Program;
use copilot_workspace::{Remote, RepositoryUrl, Workspace};

use crate::aws::Access;
use crate::failure::Failure;
use crate::init::{Next, PipelineType, Request, buildspec, manifest, next_steps};
use crate::io::Io;
use crate::project;

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Name of the pipeline.
    #[arg(short, long)]
    name: Option<String>,
    /// Repository to follow [default: the remote of this git repository].
    #[arg(short, long, alias = "github-url")]
    url: Option<String>,
    #[arg(short = 't', long, hide = true)]
    github_access_token: Option<String>,
    /// Branch to follow [default: the one that is checked out].
    #[arg(short = 'b', long)]
    git_branch: Option<String>,
    /// Environments to deploy to, in this order.
    #[arg(short, long, value_delimiter = ',', num_args = 1..)]
    environments: Vec<String>,
    /// Environments that need an approval first.
    #[arg(long, value_name = "ENVIRONMENTS", value_delimiter = ',', num_args = 1..)]
    require_approval: Vec<String>,
    /// What the pipeline deploys.
    #[arg(short, long, value_enum)]
    pipeline_type: Option<PipelineType>,
    /// Read what AWS knows from FILE instead of asking AWS.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Replace an existing manifest and buildspec.
    #[arg(long)]
    force: bool,
}

/// The region of `access` is also where a CodeCommit repository is whose address does not say it.
pub(crate) fn run(arguments: &Init, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    if arguments.github_access_token.is_some() {
        return Err(Failure::with_hint(
            "an access token is not taken on the command line, where every process can read it",
            "leave it out: the pipeline then uses a connection. To keep a token, put it into Secrets Manager and name the \
             secret in the manifest: `provider: GitHubV1` with `access_token_secret`",
        ));
    }
    let project = project::open(arguments.app.as_deref(), io)?;
    let workspace = project.workspace();
    let request = ask::resolve(arguments, access, &project, io)?;
    refuse_region(&request.repository, access.region.as_deref(), io)?;
    let folder = workspace.pipeline_folder(&request.name);
    write(&request, &folder, arguments.force, workspace, io)?;
    let workloads = workspace.workloads()?;
    let pairs = workloads
        .iter()
        .flat_map(|file| request.environments.iter().map(|name| (file.name(), name.as_str())));
    io.diagnostics(&windows_images(&pairs, &project)?);
    tell(&request, access, &project, io);
    Ok(())
}

/// A pipeline can't follow a CodeCommit repository of another region. Which region it will be in is known where it is said.
fn refuse_region(repository: &RepositoryUrl, region: Option<&str>, io: &Io<'_>) -> Result<(), Failure> {
    let ambient = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| io.variables().get(name));
    match (repository, region.or(ambient.map(String::as_str))) {
        (RepositoryUrl::CodeCommit { region, .. }, Some(own)) => Ok(check_region(region, own)?),
        _ => Ok(()),
    }
}

/// Says what to type next.
fn tell(request: &Request, access: &Access, project: &Project, io: &mut Io<'_>) {
    let workspace = project.workspace();
    let at_root = io.folder() == workspace.root();
    let folder = workspace.folder();
    let folder = if at_root { workspace.display_path(folder) } else { folder.to_string() };
    let git = project.git(&io.interrupt().cancel());
    // Without a repository there is no remote either.
    let remotes = git.remotes(access.region.as_deref()).unwrap_or_default();
    let leads_there =
        |remote: &&Remote| remote.repository.as_ref().is_ok_and(|url| *url == request.repository);
    let steps = next_steps(Next {
        pipeline: &request.name,
        folder: &folder,
        remote: remotes.iter().find(leads_there).map(|remote| remote.name.as_str()),
        branch: &request.branch,
        place: &access.repeated(),
    });
    io.note(format!("\nNext:\n  {}", steps.join("\n  ")));
}

fn write(
    request: &Request,
    folder: &Utf8PathBuf,
    force: bool,
    workspace: &Workspace,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let read = |path| Program::read(path, &io.interrupt().cancel());
    let own = io.program().map(read).transpose()?.flatten();
    let files = [
        (folder.join("manifest.yml"), manifest(request)),
        (folder.join("buildspec.yml"), buildspec(request, env!("CARGO_PKG_VERSION"), own.as_ref())),
    ];
    let mut wanted = Vec::new();
    for (path, text) in files {
        let shown = workspace.display_path(&path);
        if path.symlink_metadata().is_ok() && !force {
            io.warning(&format!("`{shown}` exists and is left as it is (`--force` replaces it)"));
        } else {
            wanted.push((path, text.into_bytes()));
        }
    }
    write_all(&wanted, if force { Existing::Replace } else { Existing::Refuse }, io.folder())?;
    for (path, _) in &wanted {
        io.done(&format!("wrote `{}`", workspace.display_path(path)));
    }
    Ok(())
}
