//! What a run tells, as people see it: messages, and progress of what takes long.

use std::time::Instant;

use copilot_engine::build::Foreign;
use copilot_engine::program::{Architecture, Presence};
use copilot_engine::{Happening, Notice};

use crate::aws::Aws;
use crate::building::Progress as Building;
use crate::harmless::unstyled;
use crate::hints;
use crate::io::Io;
use crate::live::Live;
use crate::phrases::count;
use crate::progress::Progress as Deploying;
use crate::times::seconds;

/// Shows what a run tells.
#[derive(Default)]
pub(crate) struct View {
    asking: Option<(Live, String, Instant)>,
    building: Option<Building>,
    deploying: Option<Deploying>,
    /// Whether it is a local AWS, where nobody has to do anything.
    local: bool,
    /// Whether a stack that is deployed is done when all of its resources are.
    unconnected: bool,
}

impl View {
    /// Of a run at this AWS.
    pub(crate) fn at(aws: &Aws) -> Self {
        Self { local: aws.local().is_some(), ..Self::default() }
    }

    /// Of a stack without a connection that somebody may have to complete.
    pub(crate) fn without_connection(mut self) -> Self {
        self.unconnected = true;
        self
    }

    /// Takes what happened; `None` says that time has passed.
    pub(crate) fn show(&mut self, what: Option<Happening>, io: &mut Io<'_>) {
        match what {
            Some(Happening::Findings(found)) => io.diagnostics(&found),
            Some(Happening::Notice(notice)) => tell(&notice, io),
            Some(Happening::Asking { application }) => {
                self.asking = Some((io.live(), application, Instant::now()));
            }
            Some(Happening::Asked) => self.asked(),
            Some(Happening::Publishing { dry_run }) => self.building = Some(Building::new(io, dry_run)),
            Some(Happening::Artifact(event)) => {
                if let Some(building) = &mut self.building {
                    building.note(Some(event), io);
                }
            }
            Some(Happening::Published) => self.built(io),
            Some(Happening::Stack(event)) => {
                let (local, connects) = (self.local, !self.unconnected);
                let deploying = self.deploying.get_or_insert_with(|| Deploying::new(io, local, connects));
                deploying.show(Some(event), io);
            }
            Some(_) => {}
            None => self.tick(io),
        }
    }

    fn tick(&mut self, io: &mut Io<'_>) {
        if let Some((live, application, since)) = &self.asking {
            live.show(&format!("Asking AWS about `{application}` {}", seconds(since.elapsed())).into());
        }
        if let Some(building) = &mut self.building {
            building.note(None, io);
        }
        if let Some(deploying) = &mut self.deploying {
            deploying.show(None, io);
        }
    }

    fn asked(&mut self) {
        if let Some((live, ..)) = self.asking.take() {
            live.clear();
        }
    }

    fn built(&mut self, io: &mut Io<'_>) {
        if let Some(building) = self.building.take() {
            building.end(io);
        }
    }

    /// Takes away what is drawn, unless somebody stopped the run: then it shows how far things came.
    pub(crate) fn end(mut self, io: &mut Io<'_>) {
        self.asked();
        self.built(io);
        if let Some(deploying) = self.deploying.take() {
            deploying.end(io);
        }
    }
}

fn tell(notice: &Notice, io: &mut Io<'_>) {
    match notice {
        Notice::LeftOut(workload) => {
            io.warning(&format!(
                "`{}` is left out of the pipeline: the workspace has it, but the application doesn't know it yet",
                workload.name
            ));
            io.hint(&hints::register(workload));
        }
        Notice::ForeignTemplate(Foreign { template, environment: None }) => io.warning(&format!(
            "the pipeline deploys `{template}`, which is not there and which no workload makes"
        )),
        Notice::ForeignTemplate(Foreign { template, environment: Some(name) }) => {
            io.warning(&format!(
                "the pipeline deploys `{template}`, which is not there, and the workspace has no manifest of the environment `{name}`"
            ));
            io.hint(&hints::environment_manifest(name));
        }
        Notice::InstallingPackages { folder, manager } => {
            io.note(format!("installing the packages of `{folder}` with {manager}"));
        }
        Notice::WaitingForCdk { folder } => {
            io.note(format!("waiting for another run of the CDK application in `{folder}`"));
        }
        Notice::RunningCdk { folder } => io.note(format!("running the CDK application in `{folder}`")),
        Notice::Output(text) => io.note(unstyled(text)),
        Notice::UploadsAllowed { stack } => io.note(format!(
            "stack {stack} is from before v1.9.0: first its manager role is allowed to write to the artifact bucket"
        )),
        Notice::RedirectingServices(services) => io.warning(&format!(
            "CloudFront will speak HTTP, which these services redirect to HTTPS: {}",
            services.join(", ")
        )),
        Notice::NotPushed(missing) => {
            let (remote, branch) = (&missing.remote, &missing.branch);
            io.warning(&match &missing.files[..] {
                [] => format!(
                    "`{branch}` was not pushed to `{remote}` yet, as far as this clone knows: the pipeline finds nothing to build there"
                ),
                [first, others @ ..] => {
                    let more = match others.len() {
                        0 => String::new(),
                        several => format!(" and {}", count(several, "other file")),
                    };
                    format!(
                        "`{first}`{more} differs from `{remote}/{branch}`: the pipeline builds what is pushed there"
                    )
                }
            });
            io.hint(&format!(
                "commit what is not committed yet, then: `{}`",
                crate::init::push(remote, branch)
            ));
        }
        Notice::ProgramNotStatic => {
            io.warning(
                "this program is not static: builds whose image has an older C library can't start it",
            );
            io.hint("the one of a release for Linux is: `copilot-pipeline self upload --file ARCHIVE` brings it there");
        }
        Notice::ProgramSentAgain { architecture, why } => {
            io.note(format!("the program for {} is sent again: {why}", architecture.name()));
        }
        Notice::ProgramMissing { architecture, buildspec, presence } => {
            io.warning(&missing_program(*architecture, buildspec.as_str(), *presence));
            io.hint("`copilot-pipeline self upload --file PROGRAM` brings one there and pins it");
        }
        Notice::ProgramPinned { architecture, buildspec } => io.done(&format!(
            "pinned the program for {} in `{buildspec}`: commit and push it",
            architecture.name()
        )),
        Notice::BuildspecUnreadable { problem } => io.warning(problem),
        _ => {}
    }
}

fn missing_program(architecture: Architecture, buildspec: &str, presence: Presence) -> String {
    let name = architecture.name();
    match presence {
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
    }
}
