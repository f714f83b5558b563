//! Writing what a build made, and saying what it did.

use std::collections::BTreeSet;
use std::path::PathBuf;

use copilot_artifact::write_all_or_nothing;
use copilot_engine::build::{Phase, Record, Stacks};
use copilot_engine::files::{Existing, check_folder, write_all};

use super::Build;
use crate::building::summary;
use crate::failure::Failure;
use crate::io::Io;
use crate::times::seconds;

impl Build {
    /// Writes all files or none.
    pub(super) fn write(&self, stacks: &Stacks, record: &mut Record, io: &Io<'_>) -> Result<(), Failure> {
        if self.dry_run {
            record.stacks(stacks, |_| None);
            return Ok(());
        }
        check_folder(&self.output_dir, io.folder())?;
        let folder = io.folder().join(&self.output_dir);
        let files = stacks.files();
        let began = record.begin(Phase::Write);
        let written = write_all_or_nothing(folder.as_std_path(), &files)?;
        record.end_of(began);
        let changed: BTreeSet<PathBuf> = written.into_iter().collect();
        record.stacks(stacks, |file| Some(changed.contains(&PathBuf::from(file))));
        Ok(())
    }

    /// Says what was done, to people and to machines.
    pub(super) fn tell(&self, record: &Record, succeeded: bool, io: &mut Io<'_>) -> Result<(), Failure> {
        if let Some(path) = &self.report {
            let mut text =
                serde_json::to_vec_pretty(record).map_err(|error| Failure::new(error.to_string()))?;
            text.push(b'\n');
            write_all(&[(io.folder().join(path), text)], Existing::Replace, io.folder())?;
        }
        if self.json {
            io.json(record)?;
        }
        let folder = &self.output_dir;
        if !succeeded {
            if record.has_artifacts() {
                io.note(summary(record));
            }
            io.note(format!("nothing was written to `{folder}`"));
            return Ok(());
        }
        let count = record.written().len();
        if self.dry_run {
            io.done(&format!("{}; {count} stacks would be written to `{folder}`", summary(record)));
        } else {
            let took = seconds(record.elapsed());
            let changed = record.written().iter().filter(|stack| stack.changed == Some(true)).count();
            io.done(&format!(
                "{}; {count} stacks in `{folder}`, {changed} of them changed ({took})",
                summary(record)
            ));
        }
        Ok(())
    }
}
