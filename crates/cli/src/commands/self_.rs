//! `self`: this program itself.

use camino::Utf8PathBuf;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use copilot_artifact::assets::Bucket;
use copilot_engine::Project;
use copilot_engine::program::{Architecture, Program, pin, upload};

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::project;
use crate::view::View;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Itself {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Upload this program for builds, and pin it in buildspecs.
    ///
    /// It goes to the application's artifact bucket. A buildspec runs only the program whose SHA-256 it names: commit the changed
    /// buildspec.
    Upload(Upload),
}

#[derive(Debug, Args)]
pub(crate) struct Upload {
    /// Linux program, or release archive with one [default: this program].
    ///
    /// If `FILE.sha256` is next to it, as for every release, the file must match it.
    #[arg(long)]
    file: Option<Utf8PathBuf>,
    /// SHA-256 that the file must match.
    #[arg(long, value_name = "SUM")]
    sha256: Option<String>,
    /// Processor that the file must be built for.
    #[arg(long, value_parser = architecture())]
    arch: Option<Architecture>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Leave buildspecs alone.
    #[arg(long)]
    no_pin: bool,
}

pub(crate) fn run(arguments: &Itself, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let Verb::Upload(arguments) = &arguments.verb;
    let project = project::open(arguments.app.as_deref(), io)?;
    let application = project.application()?;
    let program = program(arguments, io)?;
    let aws = Aws::open(access, io)?;
    let bucket = bucket(&aws, application)?;
    let name = program.architecture.name();
    let sent = engage(View::at(&aws), io, |host| aws.run(upload(&program, &bucket, aws.cloud(), host)))?;
    if sent {
        io.done(&format!("uploaded the program for {name} ({}) to `{}`", program.sha256, bucket.name));
    } else {
        io.note(format!("`{}` has the program for {name} ({}) already", bucket.name, program.sha256));
    }
    if !arguments.no_pin {
        for path in buildspecs(&project)? {
            engage(View::default(), io, |host| pin(&path, &program, &project, host))?;
        }
    }
    aws.close()
}

fn program(arguments: &Upload, io: &Io<'_>) -> Result<Program, Failure> {
    let path = match (&arguments.file, io.program()) {
        (Some(file), _) => io.folder().join(file),
        (None, Some(own)) => own.to_owned(),
        (None, None) => return Err(Failure::new("it is not known where this program is: pass `--file`")),
    };
    let Some(program) = Program::released(&path, arguments.sha256.as_deref(), &io.interrupt().cancel())?
    else {
        return Err(Failure::with_hint(
            format!("`{path}` is not a program for Linux on amd64 or arm64, which builds run on"),
            "download the release for Linux and pass `--file` with it",
        ));
    };
    match arguments.arch {
        Some(wanted) if wanted != program.architecture => Err(Failure::new(format!(
            "`{path}` is for {}, not for {}",
            program.architecture.name(),
            wanted.name()
        ))),
        _ => Ok(program),
    }
}

/// The application's bucket in its own region, where pipelines keep their artifacts.
fn bucket(aws: &Aws, application: &str) -> Result<Bucket, Failure> {
    let session = aws.session();
    let found = aws.wait(async {
        let record = copilot_deployer::application::application(session, application).await?;
        copilot_deployer::regional::regions(session, application, &record.account_id).await
    })?;
    match found.into_iter().find(|region| region.region == session.region()) {
        Some(region) => Ok(Bucket { region: region.region, name: region.bucket }),
        None => Err(Failure::with_hint(
            format!("the application `{application}` has no artifact bucket in {} yet", session.region()),
            "`copilot-pipeline deploy` makes it and brings this program there",
        )),
    }
}

/// The buildspecs of all pipelines: those that manifests name, and otherwise those beside them.
fn buildspecs(project: &Project) -> Result<Vec<Utf8PathBuf>, Failure> {
    let workspace = project.workspace();
    let mut paths = Vec::new();
    for file in workspace.pipelines()? {
        let build = file.header.as_ref().ok().and_then(|header| header.root.get("build"));
        let named = build.and_then(|build| build.get("buildspec")?.as_str()).map(str::to_owned);
        let path = workspace.root().join(named.unwrap_or_else(|| workspace.default_buildspec(&file)));
        if path.is_file() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Reads the name of a processor.
fn architecture() -> impl TypedValueParser<Value = Architecture> {
    PossibleValuesParser::new([
        PossibleValue::new("amd64").help("64-bit x86"),
        PossibleValue::new("arm64").help("64-bit Arm"),
    ])
    .map(|name| {
        let found = Architecture::ALL.into_iter().find(|known| known.name() == name);
        found.unwrap_or(Architecture::Amd64)
    })
}
