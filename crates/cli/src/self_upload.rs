//! Bringing this program to where builds fetch it from, and pinning it.
//!
//! A build fetches the program from the application's artifact bucket, at a key made of its hash. The hash stands in the
//! committed buildspec: whoever can write to the bucket, as every build can, still can't change what the next build runs.

mod pinning;
mod program;

use camino::Utf8Path;
use copilot_artifact::assets::Bucket;
use copilot_artifact::aws::S3Store;
use copilot_artifact::{
    Backends, ImageSink, Location, ObjectStore as _, Options, Plan, StoreErrorKind, execute, s3_checksum,
};

use crate::aws::Aws;
use crate::failure::Failure;
use crate::io::Io;

pub(crate) use pinning::pin;
use pinning::pinned;
use program::key;
pub(crate) use program::{Architecture, Program};

/// Uploads a program unless the bucket has it. Returns whether it had to.
pub(crate) fn upload(
    program: &Program,
    bucket: &Bucket,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<bool, Failure> {
    // Builds of a local AWS don't start it.
    if !program.is_static && aws.local().is_none() {
        io.warning("this program is not static: builds whose image has an older C library can't start it");
        io.hint("the one of a release for Linux is: `copilot-pipeline self upload --file ARCHIVE` brings it there");
    }
    let temp = tempfile::tempdir()
        .map_err(|error| Failure::new(format!("can't make a temporary folder: {error}")))?;
    let mut plan = Plan::new();
    plan.object(program.object(bucket));
    let store = std::sync::Arc::new(S3Store::new(aws.session().config()));
    let backends = Backends { images: ImageSink::Nowhere, objects: Some(store) };
    let options = Options::new(io.now(), temp.path());
    let report =
        aws.wait(async { execute(&plan, &backends, &options).await.map_err(|failure| failure.error) })?;
    if let Some(why) = report.objects.iter().find_map(|object| object.why.as_ref()) {
        io.note(format!("the program for {} is sent again: {why}", program.architecture.name()));
    }
    Ok(report.uploads() > 0)
}

/// Makes sure that builds of a pipeline find the program that its buildspec pins, or pins this program where none is pinned
/// yet. What can't be done is a warning: the buildspec may be the user's own, and another machine may have the program.
pub(crate) fn ensure(
    buildspec: &Utf8Path,
    architecture: Architecture,
    bucket: &Bucket,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let text = match pinning::read(buildspec, io) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(()),
        Err(failure) => {
            io.warning(&failure.to_string());
            return Ok(());
        }
    };
    let Some(pinned) = pinned(&text, architecture).map(str::to_owned) else { return Ok(()) };
    let presence = match pinned.as_str() {
        "" => Presence::Absent,
        pinned => presence(&bucket.at(key(architecture, pinned)), pinned, aws)?,
    };
    if presence == Presence::There {
        return Ok(());
    }
    let read = |path| Program::read(path, &io.interrupt().cancel());
    let own = io.program().map(read).transpose()?.flatten();
    let fits =
        |own: &Program| own.architecture == architecture && (pinned.is_empty() || pinned == own.sha256);
    let Some(program) = own.filter(fits) else {
        let name = architecture.name();
        io.warning(&match presence {
            Presence::Hidden => format!(
                "whether builds on {name} will find the program that `{buildspec}` wants can't be seen: the bucket may not be listed"
            ),
            // Builds compare the hash again, so it may well be the right one.
            Presence::Unproven => format!(
                "whether builds on {name} will find the program that `{buildspec}` wants can't be told: the bucket has one without a SHA-256"
            ),
            Presence::Other => format!(
                "builds on {name} will refuse the program that they find: it is not the one that `{buildspec}` wants"
            ),
            Presence::There | Presence::Absent => {
                format!("builds on {name} will not find the program that `{buildspec}` wants")
            }
        });
        io.hint("`copilot-pipeline self upload --file PROGRAM` brings one there and pins it");
        return Ok(());
    };
    upload(&program, bucket, aws, io)?;
    pin(buildspec, &program, io)?;
    Ok(())
}

/// Whether the bucket has the program that is pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    There,
    Absent,
    /// Without `s3:ListBucket` S3 answers for what is not there as for what may not be seen.
    Hidden,
    /// Something else is in its place.
    Other,
    /// S3 has no SHA-256 of it that could be compared: an older version brought it there.
    Unproven,
}

fn presence(at: &Location, pinned: &str, aws: &Aws) -> Result<Presence, Failure> {
    let store = S3Store::new(aws.session().config());
    let found = aws.wait(async {
        match store.head(at).await {
            Err(error) if error.kind == StoreErrorKind::Denied => Ok(Err(Presence::Hidden)),
            Err(error) => Err(copilot_artifact::Error::from(error)),
            Ok(found) => Ok(found.ok_or(Presence::Absent)),
        }
    })?;
    Ok(match found.map(|found| found.sha256) {
        Err(presence) => presence,
        Ok(Some(sum)) if sum == s3_checksum(pinned) => Presence::There,
        Ok(Some(sum)) if !sum.contains('-') => Presence::Other,
        Ok(_) => Presence::Unproven,
    })
}
