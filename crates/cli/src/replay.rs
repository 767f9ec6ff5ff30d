use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::{RecordedObject, SavedObject, Session, SessionFile};

use crate::output::{FormatArguments, colour};
use crate::scans::{ChoiceArguments, open_with_key};
use crate::{ModelArguments, read, write};

/// Which session to do again, on which scan.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The scan: a file, or a folder with a DICOM series.
    path: PathBuf,
    /// The session, as the page saves it.
    #[arg(long)]
    session: PathBuf,
    #[command(flatten)]
    which: ChoiceArguments,
    /// Goes on with other weights than the session's. The masks will differ.
    #[arg(long)]
    other_weights: bool,
    /// Where the masks go; several files may be written.
    #[arg(short, long)]
    output: Vec<PathBuf>,
    #[command(flatten)]
    form: FormatArguments,
    #[command(flatten)]
    model: ModelArguments,
}

/// Does what a session did, and says whether it comes to the same masks.
pub fn run(arguments: &Arguments) -> Result<()> {
    let formats = arguments
        .output
        .iter()
        .map(|output| arguments.form.of(output));
    let formats = formats.collect::<Result<Vec<_>>>()?;
    let file = SessionFile::read(&read(&arguments.session)?);
    let file = file.with_context(|| format!("{}", arguments.session.display()))?;
    let (scan, key) = open_with_key(&arguments.path, &arguments.which)?;
    ensure!(
        key == file.scan.sha256,
        "the session is of another scan: {} has the SHA-256 {key}, and the session's has {}",
        arguments.path.display(),
        file.scan.sha256
    );
    let mut session = Session::default();
    let (model, sha256) = arguments.model.load_with_sha256()?;
    ensure!(
        arguments.other_weights || sha256 == file.model.sha256,
        "the session's weights are {} with the SHA-256 {}, and {} has {sha256}; say --weights, or \
         --other-weights to go on with these",
        file.model.name,
        file.model.sha256,
        arguments.model.weights.display()
    );
    session.set_model(model);
    session.open(Rc::new(scan), &key);
    let mut differ = 0;
    for object in &file.objects {
        pollster::block_on(session.replay(object))
            .with_context(|| format!("object {}", object.number))?;
        differ += usize::from(!is_same(&session, object)?);
    }
    session.show(file.view)?;
    let objects: Vec<SavedObject> = file.objects.iter().map(saved).collect();
    for (output, format) in arguments.output.iter().zip(formats) {
        let bytes = arguments
            .form
            .bytes(&session, format, &objects, &[], file.view)?;
        write(&arguments.form.path(output, format), &bytes)?;
    }
    if differ > 0 {
        bail!("{differ} of {} objects differ", file.objects.len());
    }
    Ok(())
}

/// Prints an object and whether it came out as recorded.
fn is_same(session: &Session, object: &RecordedObject) -> Result<bool> {
    let structure = session.structure(object.number)?;
    let (voxels, recorded) = (structure.mask().count(), &object.result);
    let is_same = structure.sha256() == recorded.sha256;
    let verdict = match is_same {
        true => "the same".to_owned(),
        false => format!("differs: it had {} voxels", recorded.voxels),
    };
    println!("object {}: {voxels} voxels, {verdict}", object.number);
    Ok(is_same)
}

fn saved(object: &RecordedObject) -> SavedObject {
    let name = match object.name.as_str() {
        "" => format!("Object {}", object.number),
        name => name.to_owned(),
    };
    SavedObject {
        object: object.number,
        name,
        colour: colour(object.colour),
    }
}
