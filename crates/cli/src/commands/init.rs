//! `init`: a new pipeline's manifest and buildspec.

mod ask;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_workspace::Workspace;

use crate::commands::application;
use crate::failure::Failure;
use crate::files::{Existing, write_all};
use crate::init::{PipelineType, Request, buildspec, manifest};
use crate::io::Io;
use crate::self_upload::Program;

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Name of the application: that of the workspace.
    #[arg(short, long)]
    app: Option<String>,
    /// Name of the pipeline.
    #[arg(short, long)]
    name: Option<String>,
    /// The repository to follow. By default the remote of this git repository.
    #[arg(short, long, alias = "github-url")]
    url: Option<String>,
    #[arg(short = 't', long, hide = true)]
    github_access_token: Option<String>,
    /// The branch to follow. By default the one that is checked out.
    #[arg(short = 'b', long)]
    git_branch: Option<String>,
    /// The environments to deploy to, in this order.
    #[arg(short, long, value_delimiter = ',')]
    environments: Vec<String>,
    /// Environments that are deployed to only after somebody approves.
    #[arg(long, value_name = "ENVIRONMENTS", value_delimiter = ',')]
    require_approval: Vec<String>,
    /// What the pipeline deploys.
    #[arg(short, long, value_enum)]
    pipeline_type: Option<PipelineType>,
    /// What is known of AWS: the environments that exist, so that nothing is asked there.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Replaces a manifest and a buildspec that exist.
    #[arg(long)]
    force: bool,
}

/// `region` is where a CodeCommit repository is whose address does not say it.
pub(crate) fn run(arguments: &Init, region: Option<&str>, io: &mut Io<'_>) -> Result<(), Failure> {
    if arguments.github_access_token.is_some() {
        return Err(Failure::with_hint(
            "an access token is not taken on the command line, where every process can read it",
            "leave it out: the pipeline then uses a connection. To keep a token, put it into Secrets Manager and name the \
             secret in the manifest: `provider: GitHubV1` with `access_token_secret`",
        ));
    }
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let request = ask::resolve(arguments, region, &workspace, application, io)?;
    let folder = workspace.pipeline_folder(&request.name);
    refuse_second(&workspace, &request.name, &folder)?;
    write(&request, &folder, arguments.force, &workspace, io)?;
    io.note(&format!(
        "\nNext:\n  - `copilot-pipeline validate` checks the workspace, `copilot-pipeline show --local` shows what the pipeline will do\n  \
         - commit and push `{}`\n  - `copilot-pipeline deploy --name {}`",
        workspace.display_path(workspace.folder()),
        request.name
    ));
    Ok(())
}

/// A pipeline of this name in another folder, or in the old place, would become ambiguous.
fn refuse_second(workspace: &Workspace, name: &str, folder: &Utf8PathBuf) -> Result<(), Failure> {
    let elsewhere = |path: &Utf8PathBuf| path.parent().is_some_and(|parent| parent != folder.as_path());
    match workspace
        .pipelines()?
        .iter()
        .find(|file| file.header.is_ok() && file.name() == name && elsewhere(&file.path))
    {
        Some(file) => Err(Failure::with_hint(
            format!("the workspace has a pipeline `{name}` already, in `{}`", file.display_path),
            "choose another name, or edit that file",
        )),
        None => Ok(()),
    }
}

fn write(
    request: &Request,
    folder: &Utf8PathBuf,
    force: bool,
    workspace: &Workspace,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let own = io.program().map(Program::read).transpose()?.flatten();
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
    write_all(&wanted, if force { Existing::Replace } else { Existing::Refuse }, io)?;
    for (path, _) in &wanted {
        io.done(&format!("wrote `{}`", workspace.display_path(path)));
    }
    Ok(())
}
