//! Bringing the program that builds run to where they fetch it from, and pinning it.
//!
//! A build fetches the program from the application's artifact bucket, at a key made of its hash. The hash stands in the
//! committed buildspec: whoever can write to the bucket, as every build can, still can't change what the next build runs.

mod fetch;
mod file;
mod pinning;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_artifact::assets::Bucket;
use copilot_artifact::aws::S3Store;
use copilot_artifact::{
    Backends, ImageSink, Location, ObjectStore as _, Options, Plan, StoreErrorKind, execute, s3_checksum,
};

use crate::cloud::Cloud;
use crate::error::Error;
use crate::event::Notice;
use crate::host::Host;
use crate::project::Project;

pub use fetch::fetch;
use file::key;
pub use file::{Architecture, Program};
pub use pinning::pin;
use pinning::pinned;

/// What is wrong with a program that builds are to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// It is not what it should be.
    #[error("`{path}` is not what {} says: its SHA-256 is {found}", .by.as_ref().map_or_else(|| "the sum that was given".to_owned(), |by| format!("`{by}`")))]
    WrongSum {
        /// The program, or the archive.
        path: Utf8PathBuf,
        /// The file that says otherwise; none if the caller does.
        by: Option<Utf8PathBuf>,
        /// What it has.
        found: String,
    },
    /// Archives can't be unpacked.
    #[error("the path of the folder for temporary files is not UTF-8")]
    TemporaryFolder,
}

/// Uploads a program unless the bucket has it. Returns whether it had to.
///
/// # Errors
/// When it can't be read, or S3 refuses.
pub async fn upload(
    program: &Program,
    bucket: &Bucket,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<bool, Error> {
    if !program.is_static && !cloud.is_simulated() {
        host.notice(Notice::ProgramNotStatic);
    }
    let temp = temporary_folder()?;
    let mut plan = Plan::new();
    plan.object(program.object(bucket));
    let store = Arc::new(S3Store::new(cloud.session().config()));
    let backends = Backends { images: ImageSink::Nowhere, objects: Some(store) };
    let options = Options::new(host.now(), temp.path());
    let report = host
        .or_cancelled(async { execute(&plan, &backends, &options).await.map_err(|failure| failure.error) })
        .await?;
    if let Some(why) = report.objects.iter().find_map(|object| object.why.clone()) {
        host.notice(Notice::ProgramSentAgain { architecture: program.architecture, why });
    }
    Ok(report.uploads() > 0)
}

/// A folder that is gone when it is dropped.
pub(crate) fn temporary_folder() -> Result<tempfile::TempDir, Error> {
    tempfile::tempdir().map_err(|source| Error::Machine { what: "can't make a temporary folder", source })
}

/// The program that builds of a pipeline are to find.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) buildspec: &'a Utf8Path,
    pub(crate) architecture: Architecture,
    /// Where builds look.
    pub(crate) bucket: &'a Bucket,
    /// The program that runs, if the host knows where it is.
    pub(crate) own: Option<&'a Utf8Path>,
}

/// Makes sure that builds of a pipeline find the program that its buildspec pins, or pins this program where none is pinned
/// yet. What can't be done is a notice: the buildspec may be the user's own, and another machine may have the program.
pub(crate) async fn ensure(
    wanted: Wanted<'_>,
    project: &Project,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<(), Error> {
    let Wanted { buildspec, architecture, bucket, own } = wanted;
    let text = match pinning::read(buildspec, project) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(()),
        Err(error) => {
            host.notice(Notice::BuildspecUnreadable { problem: error.to_string() });
            return Ok(());
        }
    };
    let Some(pinned) = pinned(&text, architecture).map(str::to_owned) else { return Ok(()) };
    let presence = match pinned.as_str() {
        "" => Presence::Absent,
        pinned => presence(&bucket.at(key(architecture, pinned)), pinned, cloud, host).await?,
    };
    if presence == Presence::There {
        return Ok(());
    }
    let own = own.map(|path| Program::read(path, host.cancel())).transpose()?.flatten();
    let fits =
        |own: &Program| own.architecture == architecture && (pinned.is_empty() || pinned == own.sha256);
    let Some(program) = own.filter(fits) else {
        host.notice(Notice::ProgramMissing { architecture, buildspec: buildspec.to_owned(), presence });
        return Ok(());
    };
    upload(&program, bucket, cloud, host).await?;
    pin(buildspec, &program, project, host)?;
    Ok(())
}

/// What the bucket has in the place of the program that a buildspec pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The program.
    There,
    /// Nothing.
    Absent,
    /// It can't be seen: without `s3:ListBucket` S3 answers for what is not there as for what may not be seen.
    Hidden,
    /// Something else.
    Other,
    /// Something of which S3 has no SHA-256 that could be compared: an older version brought it there.
    Unproven,
}

async fn presence(at: &Location, pinned: &str, cloud: &Cloud, host: &dyn Host) -> Result<Presence, Error> {
    let store = S3Store::new(cloud.session().config());
    let found = host
        .or_cancelled(async {
            match store.head(at).await {
                Err(error) if error.kind == StoreErrorKind::Denied => Ok(Err(Presence::Hidden)),
                Err(error) => Err(copilot_artifact::Error::from(error)),
                Ok(found) => Ok(found.ok_or(Presence::Absent)),
            }
        })
        .await?;
    Ok(match found.map(|found| found.sha256) {
        Err(presence) => presence,
        Ok(Some(sum)) if sum == s3_checksum(pinned) => Presence::There,
        Ok(Some(sum)) if !sum.contains('-') => Presence::Other,
        Ok(_) => Presence::Unproven,
    })
}
