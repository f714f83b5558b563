//! A sentence about what a build did.

use copilot_artifact::execute::{ImageOutcome, ImageReport, ObjectOutcome};
use copilot_engine::build::Record;

/// What became of images and files.
pub(crate) fn summary(record: &Record) -> String {
    let images = |outcome| unique(record.images().iter().filter(|image| image.outcome == outcome));
    let objects = |outcome| record.objects().iter().filter(|object| object.outcome == outcome).count();
    let parts = [
        (images(ImageOutcome::Built), "built"),
        (images(ImageOutcome::Copied), "copied"),
        (images(ImageOutcome::Reused), "kept"),
        (images(ImageOutcome::Planned), "would be built"),
        (images(ImageOutcome::Failed), "failed"),
        (images(ImageOutcome::NotDone), "not done"),
    ];
    let files = [
        (objects(ObjectOutcome::Uploaded), "uploaded"),
        (objects(ObjectOutcome::Present), "already there"),
        (objects(ObjectOutcome::Planned), "would be uploaded"),
        (objects(ObjectOutcome::Failed), "failed"),
        (objects(ObjectOutcome::NotDone), "not done"),
        (objects(ObjectOutcome::Skipped), "left where they are"),
    ];
    format!("images: {}; files: {}", counted(&parts), counted(&files))
}

/// Images with the same content are one.
fn unique<'a>(images: impl Iterator<Item = &'a ImageReport>) -> usize {
    let key = |image: &ImageReport| image.identity.clone().unwrap_or_else(|| image.id.to_string());
    images.map(key).collect::<std::collections::BTreeSet<_>>().len()
}

fn counted(parts: &[(usize, &str)]) -> String {
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}
