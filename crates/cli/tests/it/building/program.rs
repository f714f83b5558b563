//! The program that builds run: uploaded, pinned, and checked before it runs.

use std::process::Command;

use copilot_yaml::{Diagnostics, Node, Source, parse};

use crate::support::{Cloud, command, done, fake_program, storefront};
use crate::{Done, Folder};

const BUILDSPEC: &str = "copilot/pipelines/storefront-main/buildspec.yml";

fn upload(folder: &Folder, cloud: &Cloud, arguments: &[&str]) -> Done {
    let all: Vec<&str> = ["self", "upload"].iter().chain(arguments).copied().collect();
    done(command(&folder.path, &all, &cloud.variables()).spawn().unwrap())
}

#[test]
fn it_is_uploaded_once_and_pinned() {
    let (folder, cloud) = (storefront(), Cloud::storefront());
    folder.write("program", fake_program(0x3e));
    let first = upload(&folder, &cloud, &["--file", "program"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let sha256 = copilot_artifact::sha256_hex(fake_program(0x3e));
    let pinned = folder.read(BUILDSPEC);
    assert!(pinned.contains(&format!("COPILOT_PIPELINE_SHA256_AMD64: \"{sha256}\"\n")), "{pinned}");
    assert!(pinned.contains("COPILOT_PIPELINE_SHA256_ARM64: \"\"\n"), "{pinned}");
    let bucket = cloud.aws.with_state(|state| state.buckets()[0].to_owned());
    let key = format!("copilot-pipeline/{sha256}/copilot-pipeline-linux-amd64");
    assert_eq!(cloud.aws.object(&bucket, &key).unwrap(), fake_program(0x3e));
    cloud.aws.reset_calls();
    let second = upload(&folder, &cloud, &["--file", "program", "--arch", "amd64"]);
    assert_eq!((second.code, cloud.aws.calls().count("s3", "PutObject")), (0, 0), "{}", second.stderr);
    assert_eq!(folder.read(BUILDSPEC), pinned);
}

#[test]
fn another_program_in_its_place_is_replaced() {
    let (folder, cloud) = (storefront(), Cloud::storefront());
    folder.write("program", fake_program(0x3e));
    let sha256 = copilot_artifact::sha256_hex(fake_program(0x3e));
    let bucket = cloud.aws.with_state(|state| state.buckets()[0].to_owned());
    let key = format!("copilot-pipeline/{sha256}/copilot-pipeline-linux-amd64");
    let mut planted = fake_program(0x3e);
    *planted.last_mut().unwrap() = 1;
    assert!(cloud.aws.put_object(&bucket, &key, &planted));
    let first = upload(&folder, &cloud, &["--file", "program"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("is sent again: the bucket has it without a SHA-256"), "{}", first.stderr);
    assert_eq!(cloud.aws.object(&bucket, &key).unwrap(), fake_program(0x3e));
}

#[test]
fn what_builds_can_not_run_is_refused() {
    let (folder, cloud) = (storefront(), Cloud::storefront());
    folder.write("program", "#!/bin/sh\n");
    let script = upload(&folder, &cloud, &["--file", "program"]);
    assert!(script.code == 1 && script.stderr.contains("is not a program for Linux"), "{}", script.stderr);
    folder.write("program", fake_program(0xb7));
    let arm = upload(&folder, &cloud, &["--file", "program", "--arch", "amd64"]);
    assert!(arm.code == 1 && arm.stderr.contains("is for arm64, not for amd64"), "{}", arm.stderr);
    assert_eq!(cloud.calls(), 0);
}

/// What a release consists of, for one processor.
fn archive(processor: u8) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let files = [("README.md", b"read me".to_vec()), ("copilot-pipeline", fake_program(processor))];
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, format!("copilot-pipeline-1.0.0/{name}"), content.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn an_archive_of_a_release_is_checked_by_its_sum_and_unpacked() {
    let (folder, cloud) = (storefront(), Cloud::storefront());
    folder.write("release.tar.gz", archive(0xb7));
    let sum = copilot_artifact::sha256_hex(archive(0xb7));
    let wrong = copilot_artifact::sha256_hex("something else");
    folder.write("release.tar.gz.sha256", format!("{wrong}  release.tar.gz\n"));
    let refused = upload(&folder, &cloud, &["--file", "release.tar.gz"]);
    assert!(
        refused.code == 1 && refused.stderr.contains("release.tar.gz.sha256` says"),
        "{}",
        refused.stderr
    );
    folder.write("release.tar.gz.sha256", format!("{sum}  release.tar.gz\n"));
    let refused = upload(&folder, &cloud, &["--file", "release.tar.gz", "--sha256", &wrong]);
    assert!(
        refused.code == 1 && refused.stderr.contains("the sum that was given says"),
        "{}",
        refused.stderr
    );
    assert_eq!(cloud.calls(), 0);
    let done = upload(&folder, &cloud, &["--file", "release.tar.gz", "--sha256", &sum.to_uppercase()]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(!done.stderr.contains("is not static"), "{}", done.stderr);
    let sha256 = copilot_artifact::sha256_hex(fake_program(0xb7));
    let bucket = cloud.aws.with_state(|state| state.buckets()[0].to_owned());
    let key = format!("copilot-pipeline/{sha256}/copilot-pipeline-linux-arm64");
    assert_eq!(cloud.aws.object(&bucket, &key).unwrap(), fake_program(0xb7));
    assert!(folder.read(BUILDSPEC).contains(&format!("COPILOT_PIPELINE_SHA256_ARM64: \"{sha256}\"\n")));
    folder.write("release.tar.gz.sha256", "");
    assert_eq!(upload(&folder, &cloud, &["--file", "release.tar.gz"]).code, 1, "an empty sum is no sum");
}

/// The second command of the phase `install`, which fetches the program.
fn install(buildspec: &str) -> String {
    let source = Source::new("buildspec.yml", buildspec);
    let root = parse(&source, &mut Diagnostics::default()).unwrap();
    let commands = root.get("phases").unwrap().get("install").unwrap().get("commands").unwrap();
    commands.as_sequence().and_then(|commands| commands[1].as_str()).unwrap().to_owned()
}

/// Runs what `install` fetches, on a machine of this kind, from a bucket that is a folder.
fn fetch(folder: &Folder, machine: &str) -> (bool, String) {
    let buildspec = folder.read(BUILDSPEC);
    let source = Source::new("buildspec.yml", buildspec.as_str());
    let root = parse(&source, &mut Diagnostics::default()).unwrap();
    let variables = root.get("env").unwrap().get("variables").and_then(Node::as_mapping).unwrap();
    let variables =
        variables.iter().map(|entry| (&*entry.key.text, entry.value.as_str().unwrap_or_default()));
    let path = format!("{}:{}", folder.path.join("tools"), "/usr/local/bin:/usr/bin:/bin");
    folder.write("tools/uname", format!("#!/bin/sh\necho {machine}\n"));
    let aws = format!(
        "#!/bin/sh\ncase \"$1 $2\" in\n'cloudformation list-exports') echo; echo arn:of:stack ;;\n'cloudformation describe-stacks') echo bucket ;;\n's3 cp') cp \"{}/${{4#s3://}}\" \"$5\" ;;\nesac\n",
        folder.path
    );
    folder.write("tools/aws", aws);
    let tools = [folder.path.join("tools/uname"), folder.path.join("tools/aws")];
    assert!(Command::new("chmod").arg("755").args(tools).status().unwrap().success());
    let bin = folder.path.join("bin");
    fs_err::create_dir_all(&bin).unwrap();
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &install(&buildspec)])
        .envs(variables)
        .env("PATH", path)
        .env("COPILOT_PIPELINE_BIN", &bin);
    let output = shell.output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_build_runs_only_the_program_that_is_pinned() {
    let (folder, cloud) = (storefront(), Cloud::storefront());
    let (fetched, stderr) = fetch(&folder, "aarch64");
    assert!(!fetched && stderr.contains("pins no program for arm64"), "{stderr}");
    for (machine, elf, name) in [("x86_64", 0x3e, "amd64"), ("aarch64", 0xb7, "arm64")] {
        folder.write("program", fake_program(elf));
        assert_eq!(upload(&folder, &cloud, &["--file", "program"]).code, 0);
        let sha256 = copilot_artifact::sha256_hex(fake_program(elf));
        let object = format!("bucket/copilot-pipeline/{sha256}/copilot-pipeline-linux-{name}");
        let (fetched, stderr) = fetch(&folder, machine);
        assert!(!fetched && stderr.contains("run 'copilot-pipeline self upload --file PROGRAM'"), "{stderr}");
        folder.write(&object, "something else");
        let (fetched, stderr) = fetch(&folder, machine);
        assert!(!fetched && !folder.path.join("bin/copilot-pipeline").exists(), "{stderr}");
        folder.write(&object, fake_program(elf));
        let (fetched, stderr) = fetch(&folder, machine);
        assert!(fetched, "{stderr}");
        assert_eq!(fs_err::read(folder.path.join("bin/copilot-pipeline")).unwrap(), fake_program(elf));
        fs_err::remove_file(folder.path.join("bin/copilot-pipeline")).unwrap();
    }
}
