//! Whether a name is free.

use copilot_workspace::Workspace;

use crate::failure::Failure;

/// Refuses the name of a pipeline that the workspace has. Where only one of its two files is there, the other can be written,
/// and with `force` both can be replaced.
pub(super) fn refuse(workspace: &Workspace, name: &str, force: bool) -> Result<(), Failure> {
    let folder = workspace.pipeline_folder(name);
    let message = |path: &str| format!("the workspace has a pipeline `{name}` already, in `{path}`");
    // One in another folder, or in the old place, would become ambiguous.
    let files = workspace.pipelines()?;
    let elsewhere = files.iter().find(|file| {
        file.header.is_ok()
            && file.name() == name
            && file.path.parent().is_some_and(|parent| parent != folder.as_path())
    });
    if let Some(file) = elsewhere {
        return Err(Failure::with_hint(
            message(&file.display_path.clone()),
            "choose another name, or edit that file",
        ));
    }
    let manifest = folder.join("manifest.yml");
    if !force && [&manifest, &folder.join("buildspec.yml")].iter().all(|path| path.symlink_metadata().is_ok())
    {
        return Err(Failure::with_hint(
            message(&workspace.display_path(&manifest)),
            "choose another name, edit that file, or pass `--force` to replace it and its buildspec",
        ));
    }
    Ok(())
}
