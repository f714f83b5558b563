//! Everything that a command knows of the process around it, and the only place that prints.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Stderr, Stdout, Write};
use std::time::SystemTime;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use camino::{Utf8Path, Utf8PathBuf};
use copilot_yaml::{Diagnostic, Diagnostics};
use miette::{GraphicalReportHandler, GraphicalTheme};
use tracing::Level;

use crate::drawn::{self, Drawer, Drawn};
use crate::failure::Failure;
use crate::harmless::shortened;
use crate::interrupt::Interrupt;
use crate::json;
use crate::live::Live;
use crate::prompt::Prompt;
use crate::text::Text;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const DONE: Style = AnsiColor::Green.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Letters of a message; what is longer is cut.
pub(crate) const LONGEST: usize = 4000;

/// How the two streams are to look.
#[expect(clippy::struct_excessive_bools, reason = "each is a property of a stream")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether standard output may have colours.
    pub stdout_color: bool,
    /// Whether standard error may have colours.
    pub stderr_color: bool,
    /// Whether letters beyond ASCII may be used for drawing.
    pub unicode: bool,
    /// Columns to wrap messages at.
    pub width: usize,
    /// Whether somebody watches standard error on a terminal, so that progress may be redrawn in place.
    pub live: bool,
}

impl Look {
    /// No colours, nothing beyond ASCII: what a file gets.
    pub const PLAIN: Self =
        Self { stdout_color: false, stderr_color: false, unicode: false, width: 100, live: false };

    /// What the process's streams are good for.
    ///
    /// `COLOR=true|false`, which Copilot knows, wins over `NO_COLOR`, `CLICOLOR_FORCE` and the kind of terminal.
    pub fn of(stdout: &Stdout, stderr: &Stderr, variables: &BTreeMap<String, String>) -> Self {
        let set = |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let forced = match set("COLOR") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name)).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let unicode = locale.contains("utf-8") || locale.contains("utf8") || cfg!(windows);
        let width =
            terminal_size::terminal_size_of(stderr).map_or(Self::PLAIN.width, |(width, _)| width.0.into());
        Self {
            stdout_color: forced.unwrap_or_else(|| AutoStream::choice(stdout) != ColorChoice::Never),
            stderr_color: forced.unwrap_or_else(|| AutoStream::choice(stderr) != ColorChoice::Never),
            unicode: unicode && set("TERM") != Some("linux"),
            width: width.clamp(40, 120),
            live: stderr.is_terminal() && set("CI").is_none() && set("TERM") != Some("dumb"),
        }
    }
}

/// Streams, folder, variables and, on a terminal, somebody to ask.
pub struct Io<'a> {
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
    look: Look,
    folder: Utf8PathBuf,
    variables: BTreeMap<String, String>,
    clock: fn() -> SystemTime,
    dice: fn() -> u64,
    prompt: Option<Box<dyn Prompt>>,
    program: Option<Utf8PathBuf>,
    tracer: Option<fn(Level)>,
    interrupt: Interrupt,
}

impl<'a> Io<'a> {
    /// No variables, nobody to ask.
    pub fn new(
        stdout: &'a mut dyn Write,
        stderr: &'a mut dyn Write,
        look: Look,
        folder: Utf8PathBuf,
    ) -> Self {
        Self {
            stdout,
            stderr,
            look,
            folder,
            variables: BTreeMap::new(),
            clock: || SystemTime::UNIX_EPOCH,
            dice: || 0,
            prompt: None,
            program: None,
            tracer: None,
            interrupt: Interrupt::new(),
        }
    }

    /// With environment variables.
    #[must_use]
    pub fn with_variables(mut self, variables: BTreeMap<String, String>) -> Self {
        self.variables = variables;
        self
    }

    /// With a clock; without one it is always 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }

    /// With a source of numbers that nobody can guess; without one they are all 0.
    #[must_use]
    pub fn with_dice(mut self, dice: fn() -> u64) -> Self {
        self.dice = dice;
        self
    }

    /// A number that nobody can guess.
    pub(crate) fn dice(&self) -> u64 {
        (self.dice)()
    }

    /// With somebody to ask.
    #[must_use]
    pub fn with_prompt(mut self, prompt: Box<dyn Prompt>) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// With the path of the program that runs.
    #[must_use]
    pub fn with_program(mut self, program: Option<Utf8PathBuf>) -> Self {
        self.program = program;
        self
    }

    /// The path of the program that runs, if it is known.
    pub(crate) fn program(&self) -> Option<&Utf8Path> {
        self.program.as_deref()
    }

    /// With a way to have what the libraries trace written to the process's standard error.
    #[must_use]
    pub fn with_tracer(mut self, tracer: fn(Level)) -> Self {
        self.tracer = Some(tracer);
        self
    }

    /// With something that can ask for an end.
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// Whether somebody wants an end.
    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// From now on what the libraries trace is written. Nothing is redrawn any more, so that lines don't mix.
    pub(crate) fn trace(&mut self, level: Level) {
        if let Some(tracer) = self.tracer {
            self.look.live = false;
            tracer(level);
        }
    }

    /// The folder that relative paths start from.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    pub(crate) fn go_to(&mut self, folder: &Utf8Path) -> Result<(), Failure> {
        let folder = self.folder.join(folder);
        self.folder = folder
            .canonicalize_utf8()
            .map_err(|error| Failure::new(format!("can't go to the folder `{folder}`: {error}")))?;
        Ok(())
    }

    /// The environment variables.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    pub(crate) fn prompt(&mut self) -> Option<&mut dyn Prompt> {
        match &mut self.prompt {
            Some(prompt) => Some(prompt.as_mut()),
            None => None,
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.look.width
    }

    /// What tells the time.
    pub(crate) fn clock(&self) -> fn() -> SystemTime {
        self.clock
    }

    /// The time.
    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    /// Progress on standard error.
    pub(crate) fn live(&self) -> Live {
        Live::new(self.look.live, self.look.stderr_color)
    }

    /// Whether drawings may use letters beyond ASCII.
    pub(crate) fn unicode(&self) -> bool {
        self.look.unicode
    }

    /// Data for people: to standard output.
    pub(crate) fn out(&mut self, text: impl Into<Text>) -> Result<(), Failure> {
        let text = text.into();
        let written = if self.look.stdout_color {
            self.stdout.write_all(text.as_styled().as_bytes())
        } else {
            write!(self.stdout, "{}", strip_str(text.as_styled()))
        };
        written.and_then(|()| self.stdout.flush()).map_err(Failure::Output)
    }

    /// Data, line by line.
    pub(crate) fn lines(&mut self, lines: impl IntoIterator<Item = impl Into<Text>>) -> Result<(), Failure> {
        let mut text = Text::new();
        for line in lines {
            text.push(line);
            text.push("\n");
        }
        self.out(text)
    }

    /// Data that must arrive byte for byte, and in which nothing acts on a terminal by the way it is written.
    pub(crate) fn out_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stdout.write_all(bytes).and_then(|()| self.stdout.flush()).map_err(Failure::Output)
    }

    /// One line of JSON on standard output.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let line = json::line(value).map_err(|error| Failure::Output(error.into()))?;
        self.out_bytes(&line)
    }

    /// What a person may want to know while the command goes on.
    pub(crate) fn note(&mut self, text: impl Into<Text>) {
        let text = text.into();
        self.err(&text);
        self.err("\n");
    }

    /// Something that was finished.
    pub(crate) fn done(&mut self, text: &str) {
        let mark = if self.look.unicode { "✔" } else { "ok:" };
        self.message(DONE, mark, "", text);
    }

    /// Something that went wrong.
    pub fn error_line(&mut self, text: &str) {
        self.message(ERROR, "error", ":", text);
    }

    pub(crate) fn warning(&mut self, text: &str) {
        self.message(WARNING, "warning", ":", text);
    }

    /// What to do next.
    pub(crate) fn hint(&mut self, text: &str) {
        self.message(HINT, "hint", ":", text);
    }

    /// A message behind a word that says what kind it is. Its further lines are indented, so that none looks like a message of
    /// its own.
    fn message(&mut self, style: Style, word: &str, after: &str, text: &str) {
        let mut message = Text::new();
        message.paint(style, word);
        message.push(after);
        for (index, line) in shortened(text, LONGEST).split('\n').enumerate() {
            let lead = match index {
                0 => " ",
                _ if line.starts_with(' ') || line.is_empty() => "\n",
                _ => "\n  ",
            };
            message.push(lead);
            message.push(line);
        }
        message.push("\n");
        self.err(message);
    }

    /// Problems of files, drawn with the lines that they are about, and each with an empty line after it.
    pub(crate) fn diagnostics(&mut self, diagnostics: &Diagnostics) {
        let theme = match (self.look.unicode, self.look.stderr_color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => {
                GraphicalTheme { characters: miette::ThemeCharacters::ascii(), ..GraphicalTheme::unicode() }
            }
            (false, false) => GraphicalTheme::none(),
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(self.look.width).with_links(false);
        let (shown, more) = drawn::choose(diagnostics);
        let mut drawer = Drawer::default();
        for diagnostic in shown {
            let harmless = drawer.harmless(diagnostic);
            let mut text = String::new();
            if handler.render_report(&mut text, &Drawn(&harmless)).is_err() {
                text = plain(&harmless);
            }
            text.push('\n');
            self.err(Text::drawn(text));
        }
        if more > 0 {
            let problems = if more == 1 { "problem is" } else { "problems are" };
            self.note(format!(
                "{more} more {problems} not shown: `copilot-pipeline validate --json` lists all\n"
            ));
        }
    }

    /// A message that can't be written has nobody left to tell.
    pub(crate) fn err(&mut self, text: impl Into<Text>) {
        let text = text.into();
        let _ = if self.look.stderr_color {
            self.stderr.write_all(text.as_styled().as_bytes())
        } else {
            write!(self.stderr, "{}", strip_str(text.as_styled()))
        };
        let _ = self.stderr.flush();
    }
}

fn plain(diagnostic: &Diagnostic) -> String {
    let mut text = format!("{}: {diagnostic}\n", diagnostic.code.id);
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(text, "  help: {help}");
    }
    text
}
