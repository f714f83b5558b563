use copilot_workspace::{Error, Workspace};

use crate::Folder;

#[test]
fn is_found_from_the_project_and_up_to_four_folders_below() {
    let folder = Folder::with(&[("copilot/.workspace", "application: shop\n"), ("a/b/c/d/e/file", "")]);
    for start in ["", "a", "a/b/c", "a/b/c/d", "copilot"] {
        let workspace = Workspace::find(&folder.join(start)).unwrap();
        assert_eq!(workspace.root(), folder.path(), "{start}");
        assert_eq!(workspace.summary().unwrap().application, "shop");
    }
    assert!(matches!(Workspace::find(&folder.join("a/b/c/d/e")), Err(Error::NotFound { file: None, .. })));
}

#[test]
fn a_file_called_copilot_is_named_and_the_search_goes_on() {
    let folder = Folder::with(&[("project/copilot", "not a folder")]);
    let error = Workspace::find(&folder.join("project")).unwrap_err();
    let Error::NotFound { file: Some(file), .. } = error else { panic!("{error:?}") };
    assert_eq!(file, folder.join("project/copilot"));

    folder.write("copilot/.workspace", "application: shop");
    assert_eq!(Workspace::find(&folder.join("project")).unwrap().root(), folder.path());
}

#[test]
fn a_project_called_copilot_is_not_taken_for_its_own_workspace() {
    let folder = Folder::with(&[("copilot/copilot/.workspace", "application: shop\n")]);
    let workspace = Workspace::find(&folder.join("copilot")).unwrap();
    assert_eq!(workspace.root(), folder.join("copilot"));

    // With a service that is itself called `copilot` the outer folder stays the workspace.
    folder.write("copilot/.workspace", "application: outer");
    let workspace = Workspace::find(&folder.join("copilot")).unwrap();
    assert_eq!(workspace.summary().unwrap().application, "outer");
}

#[test]
fn the_summary_says_what_is_wrong_with_it() {
    let folder = Folder::with(&[("copilot/api/manifest.yml", "name: api\n")]);
    let workspace = Workspace::find(folder.path()).unwrap();
    assert!(matches!(workspace.summary(), Err(Error::NoSummary { .. })));

    let mut found = Vec::new();
    for text in ["", "app: shop", "application:", "application: [a]", "application: 'a\n", "a\0b"] {
        folder.write("copilot/.workspace", text);
        let Err(Error::Summary(diagnostics)) = workspace.summary() else { panic!("{text:?} is accepted") };
        found.extend(diagnostics.iter().map(|d| format!("{text:?} -> {d} [{}]", d.code.id)));
    }
    insta::assert_snapshot!(found.join("\n"));

    folder.write("copilot/.workspace", "\u{feff}application: shop\r\nother: 1\r\n");
    assert_eq!(workspace.summary().unwrap().application, "shop");
}
