//! What happens while a stack is deployed or deleted: a tree of its resources on a terminal, a line for each elsewhere.

use std::fmt::Write as _;

use std::time::SystemTime;

use anstyle::{AnsiColor, Style};
use copilot_deployer::stack::{Change, Event, Replacement, ResourceEvent, Status};

use crate::harmless::shortened;
use crate::io::{Io, LONGEST};
use crate::live::Live;
use crate::phrases::count;
use crate::text::Text;
use crate::times::duration;

/// Resources that are done are summed up when the tree is taller than this.
const TALLEST: usize = 16;

const FAILED: Style = AnsiColor::Red.on_default().bold();

/// Shows events.
pub(crate) struct Progress {
    live: Live,
    started: SystemTime,
    title: String,
    resources: Vec<Resource>,
    ticks: usize,
    /// Whether it is a local AWS.
    local: bool,
    /// Whether the stack has a connection that somebody may still have to complete.
    connects: bool,
}

struct Resource {
    logical_id: String,
    kind: String,
    status: Status,
}

impl Progress {
    /// Of a local AWS, where nobody has to do anything, or of AWS; of a stack with a connection that somebody may have to
    /// complete, or of one without.
    pub(crate) fn new(io: &Io<'_>, local: bool, connects: bool) -> Self {
        Self {
            live: io.live(),
            started: io.now(),
            title: String::new(),
            resources: Vec::new(),
            ticks: 0,
            local,
            connects,
        }
    }

    /// Takes an event, or just the passing of time.
    pub(crate) fn show(&mut self, event: Option<Event>, io: &mut Io<'_>) {
        match event {
            Some(Event::Resource(resource)) => self.resource(resource, io),
            Some(Event::Changes { stack, create, changes }) => self.changes(&stack, create, changes, io),
            Some(event) => self.say(event, io),
            None => self.ticks += 1,
        }
        if self.live.is_drawn() {
            self.live.show(&self.picture(io));
        }
    }

    /// Takes the tree away, unless somebody stopped the command: then it shows how far things came.
    pub(crate) fn end(self, io: &Io<'_>) {
        if io.interrupt().is_sent() { self.live.leave() } else { self.live.clear() }
    }

    fn changes(&mut self, stack: &str, create: bool, changes: Vec<Change>, io: &mut Io<'_>) {
        self.title = format!("{} stack {stack}", if create { "creating" } else { "updating" });
        let replaced = changes.iter().filter(|change| change.replacement == Replacement::Yes).count();
        let replaced = if replaced > 0 { format!(", {replaced} of them replaced") } else { String::new() };
        let text = format!("{}: {}{replaced}", self.title, count(changes.len(), "resource"));
        self.live.aside(|| io.note(&text));
        let resource = |change: Change| Resource {
            logical_id: change.logical_id,
            kind: change.kind,
            status: Status::default(),
        };
        self.resources = changes.into_iter().map(resource).collect();
    }

    fn resource(&mut self, event: ResourceEvent, io: &mut Io<'_>) {
        if event.is_stack() {
            if event.status.is_being_undone() {
                self.title = format!("undoing the changes of stack {}", event.stack);
                let text = self.title.clone();
                self.live.aside(|| io.warning(&text));
            } else if event.status.is_created() || event.status.is_updated() {
                // What may still be waited for is a person.
                let waits = if self.connects { "waiting for the connection" } else { "" };
                waits.clone_into(&mut self.title);
                self.resources.clear();
            } else if event.status.is_being_deleted() {
                self.title = format!("deleting stack {}", event.stack);
            }
            return;
        }
        let line = format!("{} ({})", event.logical_id, event.kind);
        if event.is_failure() {
            let mut text = Text::from("  ");
            text.paint(FAILED, "failed");
            text.push(format!(" {line}: {}", shortened(&event.reason, LONGEST)));
            self.live.aside(|| io.note(text));
        } else if let Some(past) = past(&event.status).filter(|_| !self.live.is_drawn()) {
            io.note(format!("  {past} {line}"));
        }
        match self.resources.iter_mut().find(|known| known.logical_id == event.logical_id) {
            Some(known) => known.status = event.status,
            None => self.resources.push(Resource {
                logical_id: event.logical_id,
                kind: event.kind,
                status: event.status,
            }),
        }
    }

    fn say(&mut self, event: Event, io: &mut Io<'_>) {
        match &event {
            Event::Bootstrap { region } => {
                self.title = format!("adding the application's bucket and key to region {region}");
            }
            Event::Busy { stack, status } => self.title = format!("waiting for stack {stack} ({status})"),
            Event::ConnectionPending { .. } if self.title.is_empty() => {
                "waiting for the connection".clone_into(&mut self.title);
            }
            _ => {}
        }
        self.live.aside(|| match event {
            Event::Bootstrap { region } => {
                io.note(format!("adding the application's bucket and key to region {region}, once for all pipelines"));
            }
            Event::Recreate { stack, status } => {
                io.note(format!("deleting stack {stack}, which was left in {status}"));
            }
            Event::Busy { stack, status } => {
                io.note(format!("waiting for another operation on stack {stack} ({status})"));
            }
            Event::ConnectionPending { .. } if self.local => {
                io.note("the connection to the repository is pending: at AWS somebody has to complete it, here that takes a few seconds");
            }
            Event::ConnectionPending { url, .. } => {
                io.warning(&format!("the connection to the repository waits for you: choose `Update pending connection` at\n  {url}"));
            }
            Event::ConnectionAvailable { .. } => io.done("the connection is available"),
            Event::SourceRetried { .. } => io.done("the pipeline fetches its source again"),
            _ => {}
        });
    }

    fn picture(&self, io: &Io<'_>) -> Text {
        let elapsed = io.now().duration_since(self.started).unwrap_or_default();
        let mut text = Text::new();
        let _ = writeln!(text, "{} {}  {}", spinner(self.ticks, io.unicode()), self.title, duration(elapsed));
        let crowded = self.resources.len() > TALLEST;
        let state = |resource: &Resource| State::of(&resource.status);
        let shown: Vec<&Resource> = self
            .resources
            .iter()
            .filter(|r| !crowded || matches!(state(r), State::Running | State::Failed))
            .collect();
        let hidden = self.resources.len() - shown.len();
        let width = shown.iter().map(|resource| resource.logical_id.len()).max().unwrap_or_default();
        for (index, resource) in shown.iter().enumerate() {
            let last = index + 1 == shown.len() && hidden == 0;
            let (mark, style) = state(resource).mark(self.ticks, io.unicode());
            let _ = write!(text, "{} ", branch(last, io.unicode()));
            text.paint(style, mark);
            let _ = writeln!(text, " {:width$}  {}", resource.logical_id, resource.kind);
        }
        if hidden > 0 {
            let done = self.resources.iter().filter(|resource| state(resource) == State::Done).count();
            let _ = writeln!(text, "{} {done} done, {} to come", branch(true, io.unicode()), hidden - done);
        }
        text
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    Failed,
}

impl State {
    fn of(status: &Status) -> Self {
        if status.is_empty() {
            Self::Waiting
        } else if status.is_failure() {
            Self::Failed
        } else if status.is_complete() {
            Self::Done
        } else {
            Self::Running
        }
    }

    fn mark(self, ticks: usize, unicode: bool) -> (&'static str, Style) {
        let plain = Style::new();
        match self {
            Self::Waiting => (if unicode { "·" } else { "." }, plain.dimmed()),
            Self::Running => (spinner(ticks, unicode), AnsiColor::Cyan.on_default()),
            Self::Done => (if unicode { "✔" } else { "+" }, AnsiColor::Green.on_default()),
            Self::Failed => (if unicode { "✘" } else { "x" }, AnsiColor::Red.on_default()),
        }
    }
}

/// One picture of something that moves.
pub(crate) fn spinner(ticks: usize, unicode: bool) -> &'static str {
    const DOTS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    const LINES: [&str; 4] = ["|", "/", "-", "\\"];
    if unicode { DOTS[ticks % DOTS.len()] } else { LINES[ticks % LINES.len()] }
}

fn branch(last: bool, unicode: bool) -> &'static str {
    match (last, unicode) {
        (false, true) => "├─",
        (true, true) => "└─",
        (false, false) => "|-",
        (true, false) => "`-",
    }
}

fn past(status: &Status) -> Option<&'static str> {
    if status.is_created() {
        Some("created")
    } else if status.is_updated() {
        Some("updated")
    } else {
        status.is_deleted().then_some("deleted")
    }
}
