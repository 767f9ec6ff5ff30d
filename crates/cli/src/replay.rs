use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::{
    Model, NOT_PUBLISHED, RecordedObject, ReplayCheck, SavedObject, Session, SessionFile, colour,
};

use crate::output::FormatArguments;
use crate::scans::{ChoiceArguments, open_with_key};
use crate::{ModelArguments, read, write};

/// Arguments of `boxel replay`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The scan: a file, or a folder with a DICOM series.
    path: PathBuf,
    /// The session file that the page saved.
    #[arg(long)]
    session: PathBuf,
    #[command(flatten)]
    which: ChoiceArguments,
    /// Continue with other weights than the session's. The masks will differ.
    #[arg(long)]
    other_weights: bool,
    /// Fail unless every object is identical, voxel for voxel, as on the same kind of device. Without this flag the
    /// Dice coefficient of each object must be at least 0.999.
    #[arg(long)]
    exact: bool,
    /// An output file; may be given several times.
    #[arg(short, long)]
    output: Vec<PathBuf>,
    #[command(flatten)]
    form: FormatArguments,
    #[command(flatten)]
    model: ModelArguments,
}

/// Repeats a session and reports how well its masks agree. Without prompts and propagations no model is loaded.
pub fn run(arguments: &Arguments) -> Result<()> {
    let formats = arguments.form.of_each(&arguments.output)?;
    let file = SessionFile::read(&read(&arguments.session)?);
    let file = file.with_context(|| format!("{}", arguments.session.display()))?;
    let (scan, key) = open_with_key(&arguments.path, &arguments.which)?;
    ensure!(
        key == file.scan.sha256,
        "the session belongs to another scan: {} has the SHA-256 {key}, but the session's scan has {}",
        arguments.path.display(),
        file.scan.sha256
    );
    let mut session = Session::default();
    // Masks that were loaded from files or edited need no weights.
    if file.objects.iter().any(RecordedObject::needs_model) {
        session.set_model(model_of(arguments, &file)?);
    }
    session.open(Rc::new(scan), &key);
    let mut differ = 0;
    for object in &file.objects {
        pollster::block_on(session.replay(object))
            .with_context(|| format!("object {}", object.number))?;
        let check = session.open_scan()?.check(
            object.number,
            object.plane,
            &object.result,
            object.masks.as_ref(),
        );
        let check = check.with_context(|| format!("object {}", object.number))?;
        let maker = object
            .model
            .as_ref()
            .map(|model| format!(" (made with {})", model.name));
        let maker = maker.unwrap_or_default();
        println!("object {}{maker}: {}", object.number, words(&check));
        let passes = match arguments.exact {
            true => check.identical,
            false => check.agrees,
        };
        differ += usize::from(!passes);
    }
    session.open_scan_mut()?.show(file.rendering)?;
    let objects: Vec<SavedObject> = file.objects.iter().map(saved).collect();
    for (output, format) in arguments.output.iter().zip(formats) {
        let bytes = arguments
            .form
            .bytes(&session, format, &objects, &[], file.rendering)?;
        write(&arguments.form.path(output, format), &bytes)?;
    }
    if differ > 0 {
        let count = file.objects.len();
        match arguments.exact {
            true => bail!("{differ} of {count} objects are not identical"),
            false => bail!("{differ} of {count} objects differ"),
        }
    }
    Ok(())
}

/// The session's model.
fn model_of(arguments: &Arguments, file: &SessionFile) -> Result<Model> {
    let recorded = file.model.as_ref();
    let recorded = recorded
        .context("the session has prompts and names no weights; check which program wrote it")?;
    let (model, sha256) = arguments.model.load_with_sha256()?;
    ensure!(
        arguments.other_weights || sha256 == recorded.sha256,
        "the session's weights are {} with the SHA-256 {}, and the loaded weights have {sha256}; give the session's \
         file with --weights, or continue with these by --other-weights",
        recorded.name,
        recorded.sha256
    );
    if recorded.published == Some(false) {
        eprintln!(
            "the session was made with weights that are {NOT_PUBLISHED}: {}",
            recorded.name
        );
    }
    Ok(model)
}

/// How an object compares with its recorded result, in the page's words.
fn words(check: &ReplayCheck) -> String {
    let ReplayCheck {
        voxels,
        recorded_voxels: had,
        ..
    } = check;
    match (check.identical, check.dice, check.differing) {
        (true, ..) => format!("{voxels} voxels, identical"),
        (false, Some(dice), Some(differing)) => {
            let voxels_differ = match differing {
                1 => "1 voxel differs".to_owned(),
                several => format!("{several} voxels differ"),
            };
            let verdict = if check.agrees { "agrees" } else { "differs" };
            // Rounding up to 1 would say that the masks are identical.
            let dice = (dice * 1e6).floor() / 1e6;
            format!("{voxels} voxels, had {had}, {verdict}: Dice {dice:.6}, {voxels_differ}")
        }
        _ => {
            let verdict = if check.agrees {
                "agrees in size"
            } else {
                "differs"
            };
            let difference = voxels.abs_diff(*had);
            format!(
                "{voxels} voxels, had {had}, {verdict}: a difference of {difference}; the session holds no masks, \
                 so the Dice coefficient is unknown"
            )
        }
    }
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
        model: None,
        segment: object.saved_segment(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(voxels: u64, dice: Option<f64>, differing: Option<u64>, agrees: bool) -> ReplayCheck {
        ReplayCheck {
            voxels,
            recorded_voxels: 346_182,
            identical: differing == Some(0),
            dice,
            differing,
            agrees,
        }
    }

    #[test]
    fn a_summary_never_hides_a_difference() {
        let said = |voxels, dice, differing, agrees| words(&check(voxels, dice, differing, agrees));
        assert_eq!(
            said(346_182, Some(1.0), Some(0), true),
            "346182 voxels, identical"
        );
        let one = 2.0 * 346_182.0 / (346_182.0 + 346_183.0);
        assert_eq!(
            said(346_183, Some(one), Some(1), true),
            "346183 voxels, had 346182, agrees: Dice 0.999998, 1 voxel differs"
        );
        assert!(
            said(300_000, Some(0.9289), Some(46_182), false).contains("differs: Dice 0.928900")
        );
        assert!(said(346_183, None, None, true).contains("agrees in size: a difference of 1;"));
        assert!(said(300_000, None, None, false).contains("differs: a difference of 46182;"));
    }
}
