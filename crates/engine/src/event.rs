//! What a run tells its host.

use std::time::SystemTime;

use camino::Utf8PathBuf;
use copilot_yaml::Diagnostics;

use crate::build::Foreign;
use crate::pipeline::Unregistered;
use crate::pipeline::pushed::NotPushed;
use crate::program::{Architecture, Presence};

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub at: SystemTime,
    /// What.
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Happening {
    /// Warnings about files of the workspace.
    Findings(Diagnostics),
    /// Something that whoever runs it may want to know.
    Notice(Notice),
    /// AWS is being asked what is there of an application.
    Asking {
        /// The application.
        application: String,
    },
    /// AWS has answered, or has refused to.
    Asked,
    /// Images and files are going to be built and uploaded.
    Publishing {
        /// Whether it is only looked what there would be to do.
        dry_run: bool,
    },
    /// An image or a file went on.
    Artifact(copilot_artifact::Event),
    /// Building and uploading has ended, well or not.
    Published,
    /// A stack went on.
    Stack(copilot_deployer::stack::Event),
}

/// A notice: nothing depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A stage would deploy this workload if the application knew it.
    LeftOut(Unregistered),
    /// A stage deploys a template that is not there and that nothing in the workspace makes.
    ForeignTemplate(Foreign),
    /// The packages of a CDK application are being installed.
    InstallingPackages {
        /// Folder of the application, for people.
        folder: String,
        /// npm or yarn.
        manager: &'static str,
    },
    /// Another run of the same CDK application is waited for.
    WaitingForCdk {
        /// Folder of the application, for people.
        folder: String,
    },
    /// A CDK application is being run.
    RunningCdk {
        /// Folder of the application, for people.
        folder: String,
    },
    /// A program that was started has printed something: one or more lines, as it wrote them.
    Output(String),
    /// The manager role of an environment that an old version has deployed is first allowed to upload.
    UploadsAllowed {
        /// The environment's stack.
        stack: String,
    },
    /// Services redirect to HTTPS what CloudFront will send them as HTTP.
    RedirectingServices(Vec<String>),
    /// What the pipeline builds from is not what is in the workspace.
    NotPushed(NotPushed),
    /// The program that is uploaded needs a C library that a build may not have.
    ProgramNotStatic,
    /// The bucket has something in the program's place that it doesn't take for the program.
    ProgramSentAgain {
        /// Which program.
        architecture: Architecture,
        /// Why.
        why: String,
    },
    /// Builds will perhaps not find the program that their buildspec wants.
    ProgramMissing {
        /// Which program.
        architecture: Architecture,
        /// The buildspec.
        buildspec: Utf8PathBuf,
        /// What the bucket has.
        presence: Presence,
    },
    /// The hash of the program was written into a buildspec, which is to be committed.
    ProgramPinned {
        /// Which program.
        architecture: Architecture,
        /// The buildspec.
        buildspec: Utf8PathBuf,
    },
    /// A buildspec can't be read, so nobody knows which program it wants.
    BuildspecUnreadable {
        /// Why.
        problem: String,
    },
}
