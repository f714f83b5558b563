use crate::{Folder, copilot, root};

#[test]
fn names_or_json_and_null_for_none() {
    let folder = Folder::workspace();
    let empty = copilot(&folder.path, &["pipeline", "ls", "--local", "--json"]);
    assert_eq!((empty.code, empty.stdout.as_str()), (0, "{\"pipelines\":null}\n"));
    assert_eq!(copilot(&folder.path, &["ls", "--local"]).stdout, "");

    folder.write("copilot/pipeline.yml", "name: zeta\n");
    folder.write("copilot/pipelines/x/manifest.yml", "name: alpha\n");
    folder.write("copilot/pipelines/broken/manifest.yml", "name: [\n");
    let listed = copilot(&folder.path, &["ls", "--local"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (0, "alpha\nzeta\n"));
    assert!(listed.stderr.contains("`copilot/pipelines/broken/manifest.yml` is left out"), "{listed:?}");
    insta::assert_snapshot!(copilot(&folder.path, &["ls", "--local", "--json"]).shown(&folder.path));
}

#[test]
fn help_comes_in_every_spelling() {
    let folder = Folder::new();
    let usual = copilot(&folder.path, &["pipeline", "ls", "--help"]);
    assert_eq!(usual.code, 0);
    assert_eq!(copilot(&folder.path, &["pipeline", "ls", "help"]).stdout, usual.stdout);
    for arguments in [&[][..], &["pipeline"], &["help"]] {
        let done = copilot(&folder.path, arguments);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(done.stdout.contains("validate"), "{arguments:?}");
    }
    let wrong = copilot(&folder.path, &["pipeline", "lss"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (1, ""));
}

#[test]
fn completions_are_made_for_every_shell() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let done = copilot(&folder.path, &["completion", shell]);
        assert!(done.code == 0 && done.stdout.contains("validate"), "{shell}");
    }
}

/// A script can be well-formed and complete nothing.
#[cfg(unix)]
#[test]
fn bash_completes_the_flags_of_commands() {
    let script = copilot(&Folder::new().path, &["completion", "bash"]).stdout;
    for words in ["package", "pipeline package", "svc package"] {
        let ask = format!(
            "{script}\nCOMP_WORDS=(copilot-pipeline {words} --fa); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _copilot__pipeline copilot-pipeline --fa package; echo \"${{COMPREPLY[@]}}\""
        );
        let answer = std::process::Command::new("bash").args(["--norc", "-c", &ask]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&answer.stdout), "--facts\n", "{words}");
    }
}

#[test]
fn codes_are_explained() {
    let folder = Folder::new();
    let all = copilot(&folder.path, &["explain"]);
    assert!(all.stdout.lines().count() > 20);
    for line in all.stdout.lines() {
        let id = line.split("  ").next().unwrap();
        assert_eq!(copilot(&folder.path, &["explain", id]).code, 0, "{id}");
    }
    let near = copilot(&folder.path, &["explain", "copilot::yaml::duplicate_keys"]);
    assert_eq!(near.code, 1);
    assert!(near.stderr.contains("did you mean `copilot::yaml::duplicate_key`?"), "{near:?}");
}

#[test]
fn schemas_are_printed_as_they_are_committed() {
    let folder = Folder::new();
    for (typed, file) in [
        (&["schema"][..], "manifest"),
        (&["schema", "workload"], "workload"),
        (&["schema", "static-site"], "static-site"),
    ] {
        let printed = copilot(&folder.path, typed);
        let committed = fs_err::read_to_string(root().join(format!("schemas/{file}.schema.json"))).unwrap();
        assert_eq!((printed.code, printed.stdout), (0, committed), "{typed:?}");
    }
    let unknown = copilot(&folder.path, &["schema", "work"]);
    assert!(unknown.stderr.contains("workload"), "{unknown:?}");
}
