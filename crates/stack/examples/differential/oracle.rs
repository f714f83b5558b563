//! Copilot itself, asked by a program of its own for each case.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use crate::draw::Case;

/// What Copilot makes of a case.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The texts of its files.
    Rendered {
        template: String,
        /// A pipeline has none.
        parameters: Option<String>,
    },
    /// What it said on standard error.
    Refused(String),
    /// Why it could not be asked.
    NotAsked(String),
}

/// Exit status of an oracle that can't ask Copilot for a case, and says why.
const NOT_ASKED: i32 = 3;

/// A program that asks Copilot.
#[derive(Debug)]
pub(crate) struct Oracle {
    program: PathBuf,
    folder: PathBuf,
    workers: usize,
}

impl Oracle {
    pub(crate) fn new(program: &Path, folder: &Path, workers: usize) -> Self {
        Self { program: program.to_owned(), folder: folder.to_owned(), workers: workers.max(1) }
    }

    /// Asks for all cases, some at a time, and returns what `look` makes of each answer, in order.
    pub(crate) fn ask<T: Send>(
        &self,
        cases: &[Case],
        look: impl Fn(&Case, &Answer) -> T + Sync,
    ) -> std::io::Result<Vec<T>> {
        let next = AtomicUsize::new(0);
        let (sender, receiver) = channel();
        std::thread::scope(|scope| {
            for worker in 0..self.workers {
                let (sender, next, look) = (sender.clone(), &next, &look);
                scope.spawn(move || {
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let Some(case) = cases.get(place) else { break };
                        let answer = self.one(case, &self.folder.join(worker.to_string()));
                        let _ = sender.send((place, answer.map(|answer| look(case, &answer))));
                    }
                });
            }
        });
        drop(sender);
        let mut found: Vec<_> = receiver.into_iter().collect();
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, answer)| answer).collect()
    }

    fn one(&self, case: &Case, folder: &Path) -> std::io::Result<Answer> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        let (workspace, out) = (folder.join("case"), folder.join("out"));
        std::fs::create_dir_all(&workspace)?;
        case.write(&workspace)?;
        let output = Command::new(&self.program)
            .arg("render")
            .args([&workspace, &out])
            .stdin(Stdio::null())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(NOT_ASKED) {
            return Ok(Answer::NotAsked(said));
        }
        let (template, parameters) = case.kind.files();
        let text = |file: &str| std::fs::read_to_string(out.join(file)).ok();
        Ok(match text(&template).filter(|_| output.status.success()) {
            Some(template) => Answer::Rendered { template, parameters: text(&parameters) },
            None => Answer::Refused(said),
        })
    }
}
