//! Images: worklist, viewing, analysis. How they come in is in `import`.

use crate::backend::{Inner, Passed};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::models;
use crate::people::patient_id;
use dicom_io::{Opened, ReadError};
use imaging::study::{self as domain, Analysis, Command, Finding, Map, Outcome, Study};
use imaging::window;
use inference::{Looked, Wish};
use kernel::{AnalysisId, ImageId, Instant, Permission, StudyId, in_reading_order};
use records::{Body, Facts};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use store_sqlite::JobClass;
use wire::*;

/// The largest file taken in: a plain radiograph is under 50 MB.
pub(crate) const MOST_BYTES: u64 = 512 << 20;
/// Files unpacked and kept for the next frame.
const OPEN_FILES: usize = 4;

type OpenFiles = Mutex<Vec<(String, Arc<Opened>)>>;
static OPENED: LazyLock<OpenFiles> = LazyLock::new(OpenFiles::default);

/// Why a file could not be read, in the words of the wire.
pub(crate) fn read_error(error: &ReadError) -> CommandError {
    let code = match error {
        ReadError::Empty | ReadError::NotAnImage | ReadError::NoPixels => Code::ImageNotAnImage,
        ReadError::Heic => Code::ImageHeic,
        ReadError::UnsupportedSyntax { .. }
        | ReadError::UnsupportedPixels { .. }
        | ReadError::ForProcessing => Code::ImageUnsupported,
        ReadError::TooLarge { .. } => Code::ImageTooLarge,
        ReadError::Io(_)
        | ReadError::NoDecoder(_)
        | ReadError::TookTooLong { .. }
        | ReadError::Truncated
        | ReadError::Broken { .. }
        | ReadError::NoSuchFrame { .. } => Code::ImageBroken,
    };
    let refusal = CommandError::refusal(code).with("detail", error).with("why", error.code());
    match error {
        ReadError::UnsupportedSyntax { name, .. } if name.contains("video") => {
            refusal.with("why", "video").with("name", name)
        }
        ReadError::UnsupportedSyntax { name, .. } => refusal.with("name", name),
        ReadError::Broken { what } if what == dicom_io::NO_SIZE => refusal.with("why", "no_size"),
        _ => refusal,
    }
}

/// Study, text and revision of what the page sends.
fn report_text(ask: ReportText) -> (String, imaging::report::Content, u32) {
    let sections = ask.sections.into_iter();
    let sections = sections
        .map(|s| imaging::report::Section { name: s.name, text: in_reading_order(&s.text) })
        .collect();
    (ask.study, imaging::report::Content { template: ask.template, sections }, ask.revision)
}

fn report_view(report: &imaging::report::Report, names: &BTreeMap<String, String>) -> ReportView {
    let name = |user: &String| names.get(user).unwrap_or(user).clone();
    let mark = |by: &String, at: Instant| ReportMark { by: name(by), at: rfc3339(at) };
    let section =
        |s: &imaging::report::Section| ReportSection { name: s.name.clone(), text: s.text.clone() };
    ReportView {
        template: report.content.template.clone(),
        sections: report.content.sections.iter().map(section).collect(),
        revision: report.revision,
        written: mark(&report.by, report.at),
        signed: report.signed.as_ref().map(|s| mark(&s.by, s.at)),
        addenda: report
            .addenda
            .iter()
            .map(|a| ReportAddendum { text: a.text.clone(), by: name(&a.by), at: rfc3339(a.at) })
            .collect(),
    }
}

/// The file behind an image.
pub(crate) enum Held {
    Open(Arc<Opened>),
    Bytes { bytes: Vec<u8>, keep: bool },
}

impl Held {
    /// Unpacks it, which may take seconds: the workstation need not be held.
    pub(crate) fn open(self, image: &domain::Image) -> Result<Arc<Opened>, Error> {
        let (bytes, keep) = match self {
            Self::Open(opened) => return Ok(opened),
            Self::Bytes { bytes, keep } => (bytes, keep),
        };
        let opened =
            Arc::new(dicom_io::open_bytes(bytes, &image.file_name).map_err(|e| read_error(&e))?);
        if keep {
            let mut files = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
            files.push((image.sha256.clone(), opened.clone()));
            if files.len() > OPEN_FILES {
                files.remove(0);
            }
        }
        Ok(opened)
    }
}

impl Inner {
    pub(crate) fn store_mut(&mut self) -> Result<&mut store_sqlite::Store, Error> {
        self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))
    }

    pub(crate) fn study_worklist(&mut self, ask: WorklistAsk) -> Result<Worklist, Error> {
        self.actor(Permission::SeeImages)?;
        let limit = if ask.limit == 0 { 100 } else { ask.limit.min(500) };
        let (studies, total) = self.store()?.studies(ask.text.as_deref(), None, limit)?;
        let mut rows = studies.iter().map(|s| self.study_row(s)).collect::<Result<Vec<_>, _>>()?;
        let names = self.staff_names()?;
        for (row, study) in rows.iter_mut().zip(&studies) {
            row.writing = self.who_writes(study, &names)?;
        }
        Ok(Worklist { rows, total, as_of: rfc3339(self.now()?) })
    }

    pub(crate) fn study_row(&self, study: &Study) -> Result<StudyRow, Error> {
        let name = match study.patient {
            Some(id) => self.store()?.patient(id)?.map(|p| p.display_name()),
            None => study.file_patient_name.clone(),
        };
        let (told, top) = telling(study);
        let state = self.open_for(study.id)?.or(told.map(|a| outcome(a.outcome)));
        Ok(StudyRow {
            id: study.id.to_string(),
            patient: study.patient.map(|p| p.to_string()),
            patient_name: name,
            file_name: study.images.first().map(|image| image.file_name.clone()),
            modality: study.modality.clone(),
            body_part: study.body_part.clone(),
            taken_at: study.taken_on.clone(),
            added_at: rfc3339(study.added_at),
            images: u32::try_from(study.images.len()).unwrap_or(u32::MAX),
            state: state.unwrap_or(AnalysisState::None),
            outside_intended_use: told.is_some_and(|a| a.outside_intended_use.is_some()),
            // The label and not the condition: a grade is part of what was found.
            finding: top.map(|f| f.label.clone()),
            probability: top.map(|f| f64::from(f.p10000) / 10_000.0),
            report: match &study.report {
                None => ReportState::None,
                Some(report) if report.signed.is_none() => ReportState::Draft,
                Some(_) => ReportState::Signed,
            },
            writing: None,
            conflict: study.conflicts_with.map(|other| other.to_string()),
        })
    }

    /// Who has the report of a study in hand: whoever saved its draft, else whoever began one here
    /// and has not saved it.
    fn who_writes(
        &self,
        study: &Study,
        names: &BTreeMap<String, String>,
    ) -> Result<Option<String>, Error> {
        let user = match &study.report {
            Some(report) if report.signed.is_some() => None,
            Some(report) => Some(report.by.clone()),
            // The name under which the page keeps what is being typed.
            None => self.store()?.drafting(&format!("report {}", study.id))?,
        };
        Ok(user.map(|u| names.get(&u).cloned().unwrap_or(u)))
    }

    pub(crate) fn find_study(&self, text: &str) -> Result<Study, Error> {
        let id: StudyId = text.parse().map_err(|_| no(Code::NotFound))?;
        self.store()?.study(id)?.ok_or_else(|| no(Code::NotFound))
    }

    pub(crate) fn study_view(&mut self, ask: ById) -> Result<StudyView, Error> {
        let actor = self.actor(Permission::SeeImages)?;
        let study = self.find_study(&ask.id)?;
        if let Some(patient) = study.patient {
            self.note_read(&actor, patient, "images")?;
        }
        let images =
            study.images.iter().map(|i| self.image_view(i)).collect::<Result<Vec<_>, _>>()?;
        let names = self.staff_names()?;
        let mut analyses: Vec<AnalysisView> = self
            .open_jobs(study.id)?
            .into_iter()
            // Recorded a moment ago, and the queue has not heard of it yet.
            .filter(|(row, _, _)| !study.analyses.iter().any(|a| a.id == row.analysis))
            .map(|(row, asked, state)| AnalysisView {
                id: row.analysis.to_string(),
                image: row.image.map(|i| i.to_string()).unwrap_or_default(),
                state,
                reason: None,
                detail: None,
                values: None,
                judged: None,
                findings: vec![],
                outside_intended_use: None,
                outside: None,
                task: asked.task,
                network: asked.network,
                pack: None,
                started_at: None,
                finished_at: None,
                timing_ms: None,
                asked_by: names.get(&asked.by.user).cloned().unwrap_or(asked.by.user),
            })
            .collect();
        analyses.extend(study.analyses.iter().rev().map(|a| analysis_view(a, &names)));
        let report = study.report.as_ref().map(|r| report_view(r, &names));
        Ok(StudyView { row: self.study_row(&study)?, images, analyses, report })
    }

    fn image_view(&self, image: &domain::Image) -> Result<ImageView, Error> {
        let opened = self.opened(image)?;
        let meta = &opened.meta;
        let mut windows: Vec<Window> = meta
            .windows
            .iter()
            .map(|w| Window { center: w.center, width: w.width, name: w.name.clone() })
            .collect();
        if windows.is_empty() {
            let frame = opened.frame(0).map_err(|e| read_error(&e))?;
            let (center, width) = window::first_tone(&frame, meta).center_and_width();
            windows.push(Window { center, width, name: None });
        }
        let edges = meta.orientation.as_ref().map(|o| o.edges());
        Ok(ImageView {
            id: image.id.to_string(),
            file_name: image.file_name.clone(),
            rows: meta.rows,
            cols: meta.cols,
            frames: meta.frames,
            samples: u32::from(meta.samples),
            signed: meta.signed,
            bits_stored: u32::from(meta.bits_stored),
            inverted: meta.photometric == imaging::pixels::Photometric::Mono1,
            slope: meta.slope,
            intercept: meta.intercept,
            windows,
            spacing_mm: meta.pixel_spacing.map(|s| [s.row_mm, s.col_mm]),
            orientation: edges.map(|e| [e.left, e.right, e.top, e.bottom]),
            play: meta
                .play
                .as_ref()
                .map(|rate| PlayRateView { fps: rate.fps, waits_ms: rate.waits_ms.clone() }),
            slices: slices(meta),
            modality: meta.modality.clone(),
            file_patient_name: meta.patient.name.as_deref().map(plain_name),
            file_patient_id: meta.patient.id.clone(),
            sha256: image.sha256.clone(),
        })
    }

    /// The file behind an image, unpacked; the last few stay in memory.
    pub(crate) fn opened(&self, image: &domain::Image) -> Result<Arc<Opened>, Error> {
        self.held(image, true)?.open(image)
    }

    /// The file behind an image, for a caller that unpacks it on its own time. `keep`: it stays in
    /// memory then, for the next frame.
    pub(crate) fn held(&self, image: &domain::Image, keep: bool) -> Result<Held, Error> {
        let files = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, opened)) = files.iter().find(|(sha, _)| *sha == image.sha256) {
            return Ok(Held::Open(opened.clone()));
        }
        drop(files);
        Ok(Held::Bytes { bytes: self.bytes_of(image)?, keep })
    }

    /// The opened file behind an image, for a caller that unpacks its frames on its own time.
    pub(crate) fn opened_image(&mut self, image: &str) -> Result<Arc<Opened>, Error> {
        self.actor(Permission::SeeImages)?;
        let id: ImageId = image.parse().map_err(|_| no(Code::NotFound))?;
        let study = self.store()?.study_of_image(id)?.ok_or_else(|| no(Code::NotFound))?;
        let study = self.store()?.study(study)?.ok_or_else(|| no(Code::NotFound))?;
        let image = study.images.iter().find(|i| i.id == id).ok_or_else(|| no(Code::NotFound))?;
        self.opened(image)
    }

    pub(crate) fn study_assign(&mut self, ask: StudyAssign) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ImportImages)?;
        let id = self.find_study(&ask.study)?.id;
        let patient = patient_id(&ask.patient)?;
        self.store()?.patient(patient)?.ok_or_else(|| no(Code::NotFound))?;
        let command = Command::Assign { patient };
        self.save(&actor, Body::Study { id, command }, Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn analysis_start(&mut self, ask: AnalysisStart) -> Result<Made, Error> {
        let actor = self.actor(Permission::AnalyseImages)?;
        let image: ImageId = ask.image.parse().map_err(|_| no(Code::NotFound))?;
        let study = self.store()?.study_of_image(image)?.ok_or_else(|| no(Code::NotFound))?;
        let study = self.store()?.study(study)?.ok_or_else(|| no(Code::NotFound))?;
        let name = study
            .images
            .iter()
            .find(|i| i.id == image)
            .map(|i| i.file_name.clone())
            .unwrap_or_default();
        let wish = Wish { pack: ask.pack, task: ask.task, network: ask.network };
        let id = self.start(&actor, (study.id, image), &name, wish, JobClass::Interactive)?;
        Ok(Made { id: id.to_string() })
    }

    pub(crate) fn analysis_judge(&mut self, ask: FindingJudge) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::JudgeFindings)?;
        let analysis: AnalysisId = ask.analysis.parse().map_err(|_| no(Code::NotFound))?;
        let study = self.store()?.study_of_analysis(analysis)?.ok_or_else(|| no(Code::NotFound))?;
        let judged = self.store()?.study(study)?.ok_or_else(|| no(Code::NotFound))?;
        let judged = judged.analyses.into_iter().find(|a| a.id == analysis);
        self.fits_refusal(judged.as_ref(), ask.correct.as_deref())?;
        let command = Command::Judge {
            analysis,
            label: ask.label,
            agree: ask.agree,
            correct: ask.correct,
            pack: judged.and_then(|a| a.pack),
            role: Some(actor.role),
        };
        let body = Body::Study { id: study, command };
        self.save(&actor, body, Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn report_draft(&mut self, ask: ReportText) -> Result<Nothing, Error> {
        let (study, content, revision) = report_text(ask);
        self.report(&study, Command::ReportDraft { content, revision })
    }

    pub(crate) fn report_sign(&mut self, ask: ReportText) -> Result<Nothing, Error> {
        let (study, content, revision) = report_text(ask);
        self.report(&study, Command::ReportSign { content, revision })
    }

    pub(crate) fn report_addend(&mut self, ask: ReportAddend) -> Result<Nothing, Error> {
        self.report(&ask.study, Command::ReportAddend { text: in_reading_order(&ask.text) })
    }

    fn report(&mut self, study: &str, command: Command) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::WriteReports)?;
        let id = self.find_study(study)?.id;
        self.save(&actor, Body::Study { id, command }, Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }
}

/// Where the frames lie, where the file says so for all of them and in what they are measured.
fn slices(meta: &imaging::pixels::ImageMeta) -> Option<Slices> {
    let frame_of_reference = meta.frame_of_reference.clone()?;
    let place = |p: &imaging::pixels::SlicePlace| SlicePlaceView { at: p.at, normal: p.normal };
    let places: Vec<_> = meta.places.iter().map(place).collect();
    let series = meta.series_uid.clone();
    (!places.is_empty()).then_some(Slices { frame_of_reference, series, places })
}

/// What the engine says, in integers. `size`: of the picture, in pixels.
pub(crate) fn analyse(
    analysis: &mut Analysis,
    looked: &Looked,
    (width, height): (u32, u32),
    age: Option<u32>,
) {
    let info = looked.engine.info();
    let answer = &looked.answer;
    analysis.pack = Some(models::named(info));
    analysis.network = Some(info.description.architecture.name().to_owned());
    analysis.task = (!looked.task_open).then(|| answer.task.clone());
    analysis.timing_ms[1] = whole(f64::from(answer.timing_ms.preprocess));
    analysis.timing_ms[2] = whole(f64::from(answer.timing_ms.infer));
    // Kept of answers and refusals alike: whether what comes in has changed is seen by these.
    note(analysis, &[("kind", f64::from(answer.kind)), ("distance", f64::from(answer.distance))]);
    if let Some((reason, limit)) = answer.refused {
        if let Some(limit) = limit {
            let numbers = [("measured", limit.measured), ("limit", limit.limit)];
            note(analysis, &numbers.map(|(name, x)| (name, f64::from(x))));
        }
        analysis.outcome = Outcome::Abstained;
        analysis.reason = Some(reason.code().to_owned());
        analysis.detail = Some(reason.sentence().to_owned());
        return;
    }
    analysis.outcome = Outcome::Done;
    analysis.detail = answer.fell_back.clone();
    let Some(task) = info.description.task(&answer.task) else { return };
    let age_max = task.intended_use.age_max_years;
    analysis.outside_intended_use = domain::outside_intended_use(age_max, age);
    if let (Some(_), Some(most)) = (&analysis.outside_intended_use, age_max) {
        note(analysis, &[("age_max", f64::from(most))]);
        if let Some(age) = age {
            note(analysis, &[("age", f64::from(age))]);
        }
    }
    if let Some(any) = answer.any {
        note(analysis, &[("any", f64::from(any))]);
    }
    // The letterbox is in pixels of the network's square; the page wants the square in pixels of
    // the image, so that the map lies where it was computed.
    let (width, height) = (f64::from(width), f64::from(height));
    let side = width.max(height);
    let centi = |x: f64| {
        let x = (x * 100.0).round().clamp(-2e9, 2e9);
        #[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i32")]
        {
            x as i32
        }
    };
    let rect = [(width - side) / 2.0, (height - side) / 2.0, side, side].map(centi);
    for (finding, label) in answer.findings.iter().zip(&task.labels) {
        let map = answer.maps.iter().find(|m| m.label == finding.label).map(|m| Map {
            cols: m.width,
            rows: m.height,
            values: m.values.iter().map(|v| per(f64::from(*v), 1_000)).map(small).collect(),
            rect_centipixels: rect,
        });
        let parts = |v: Option<f32>| v.map(|v| per(f64::from(v), 10_000));
        analysis.findings.push(Finding {
            label: finding.label.clone(),
            condition: finding.condition.clone().unwrap_or_else(|| finding.label.clone()),
            normal: label.condition.is_none(),
            p10000: per(f64::from(finding.probability), 10_000),
            threshold10000: parts(label.threshold),
            sensitivity10000: parts(label.sensitivity),
            specificity10000: parts(label.specificity),
            map,
            judged: None,
        });
    }
}

/// Numbers of a sentence, kept as integers because they are signed.
fn note(analysis: &mut Analysis, numbers: &[(&str, f64)]) {
    for (name, x) in numbers {
        let x = (x * 10_000.0).round().clamp(-9e15, 9e15);
        // A measurement that is no number is told by its reason alone.
        if !x.is_nan() {
            #[expect(clippy::cast_possible_truncation, reason = "clamped to whole numbers")]
            analysis.values10000.insert((*name).to_owned(), x as i64);
        }
    }
}

fn whole(x: f64) -> u32 {
    per(x / 1e6, 1_000_000)
}

/// A share in whole parts.
fn per(share: f64, parts: u32) -> u32 {
    let x = (share.clamp(0.0, 1.0) * f64::from(parts)).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to parts")]
    {
        x as u32
    }
}

fn small(x: u32) -> u16 {
    u16::try_from(x).unwrap_or(u16::MAX)
}

/// The strongest finding of an analysis that may stand on a list, if there is one.
fn strongest(analysis: &Analysis) -> Option<&Finding> {
    // What is outside the intended use is not shown on a list.
    (analysis.outcome == Outcome::Done && analysis.outside_intended_use.is_none())
        .then(|| {
            analysis
                .findings
                .iter()
                .filter(|f| !f.normal && f.p10000 >= f.threshold10000.unwrap_or(5_000))
                .max_by_key(|f| f.p10000)
        })
        .flatten()
}

/// The analysis that speaks for a study, and its finding: of the newest one of each picture that
/// which wants a reader most. A finding in the first picture is not hidden by a calm last one, and
/// "nothing found" is said only when every picture was answered so.
fn telling(study: &Study) -> (Option<&Analysis>, Option<&Finding>) {
    let newest =
        |image: &imaging::study::Image| study.analyses.iter().rev().find(|a| a.image == image.id);
    let mut chosen: (u8, Option<&Analysis>, Option<&Finding>) = (0, None, None);
    for image in &study.images {
        let analysis = newest(image);
        let finding = analysis.and_then(strongest);
        let rank = match analysis {
            Some(_) if finding.is_some() => 5,
            Some(a) => match a.outcome {
                Outcome::Failed => 4,
                Outcome::Abstained => 3,
                Outcome::Done if a.outside_intended_use.is_some() => 3,
                Outcome::Cancelled => 2,
                Outcome::Done => 1,
            },
            None => 2,
        };
        let surer = match (finding, chosen.2) {
            (Some(f), Some(c)) => f.p10000 > c.p10000,
            _ => false,
        };
        if rank > chosen.0 || (rank == chosen.0 && surer) {
            chosen = (rank, analysis, finding);
        }
    }
    (chosen.1, chosen.2)
}

pub(crate) fn outcome(outcome: Outcome) -> AnalysisState {
    match outcome {
        Outcome::Done => AnalysisState::Done,
        Outcome::Abstained => AnalysisState::Abstained,
        Outcome::Failed => AnalysisState::Failed,
        Outcome::Cancelled => AnalysisState::Cancelled,
    }
}

fn share(parts: u32) -> f64 {
    f64::from(parts) / 10_000.0
}

/// `names`: display names by sign-in name; a name nobody has any more stands as it was written.
pub(crate) fn analysis_view(a: &Analysis, names: &BTreeMap<String, String>) -> AnalysisView {
    let name = |user: &String| names.get(user).unwrap_or(user).clone();
    let at = |at: Instant| Some(rfc3339(at));
    AnalysisView {
        id: a.id.to_string(),
        image: a.image.to_string(),
        state: outcome(a.outcome),
        reason: a.reason.clone(),
        detail: a.detail.clone(),
        values: (!a.values10000.is_empty()).then(|| {
            let value = |name: &String| number(a, name).map(|x| (name.clone(), x));
            a.values10000.keys().filter_map(value).collect()
        }),
        findings: a
            .findings
            .iter()
            .map(|f| FindingView {
                label: f.label.clone(),
                condition: f.condition.clone(),
                normal: f.normal,
                probability: share(f.p10000),
                #[expect(clippy::cast_possible_truncation, reason = "a word needs no more")]
                word: same(inference::likelihood_word(share(f.p10000) as f32)),
                threshold: f.threshold10000.map(share),
                sensitivity: f.sensitivity10000.map(share),
                specificity: f.specificity10000.map(share),
                map: f.map.as_ref().map(|m| HeatMap {
                    cols: m.cols,
                    rows: m.rows,
                    values: m.values.iter().map(|v| u32::from(*v)).collect(),
                    rect: {
                        let [x, y, width, height] =
                            m.rect_centipixels.map(|c| f64::from(c) / 100.0);
                        MapRect { x, y, width, height }
                    },
                }),
                judged: f.judged.as_ref().map(|j| Judgement {
                    agree: j.agree,
                    correct: j.correct.clone(),
                    by: name(&j.by),
                    at: rfc3339(j.at),
                }),
            })
            .collect(),
        judged: a.judged.as_ref().map(|j| Judgement {
            agree: j.agree,
            correct: j.correct.clone(),
            by: name(&j.by),
            at: rfc3339(j.at),
        }),
        outside_intended_use: a.outside_intended_use.clone(),
        outside: number(a, "age_max")
            .map(|max| OutsideUse { age_max: years(max), age: number(a, "age").map(years) }),
        task: a.task.clone(),
        network: a.network.clone(),
        pack: a.pack.as_ref().map(|p| PackRef {
            id: p.id.clone(),
            version: p.version.clone(),
            sha256: p.sha256.clone(),
        }),
        started_at: at(a.started_at),
        finished_at: at(a.finished_at),
        timing_ms: Some(Timing {
            decode: a.timing_ms[0],
            preprocess: a.timing_ms[1],
            infer: a.timing_ms[2],
        }),
        asked_by: name(&a.asked_by),
    }
}

fn number(a: &Analysis, name: &str) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "shown, and far below 2^53")]
    a.values10000.get(name).map(|x| *x as f64 / 10_000.0)
}

fn years(x: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    {
        x.round().clamp(0.0, 1_000.0) as u32
    }
}

/// `SMITH^John^^Mr` as it is read: family name, given name.
pub(crate) fn plain_name(name: &str) -> String {
    let name = kernel::in_reading_order(name);
    let mut parts = name.split('^').map(str::trim).filter(|p| !p.is_empty());
    match (parts.next(), parts.next()) {
        (Some(family), Some(given)) => format!("{family}, {given}"),
        (Some(only), None) => only.to_owned(),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three pictures, and an analysis for each of `answers`: picture, outcome, probability found.
    fn study(answers: &[(u128, Outcome, Option<u32>)]) -> Study {
        let image = |n: u128| ImageId(uuid::Uuid::from_u128(n));
        let analysis = |(at, outcome, found): &(u128, Outcome, Option<u32>)| {
            serde_json::json!({
                "id": uuid::Uuid::from_u128(100 + at), "image": image(*at), "outcome": outcome,
                "reason": null, "detail": null, "outside_intended_use": null, "pack": null,
                "findings": found.map(|p| serde_json::json!({
                    "label": "x", "condition": "x", "normal": false, "p10000": p,
                    "threshold10000": 5_000, "sensitivity10000": null, "specificity10000": null,
                    "map": null, "judged": null,
                })).into_iter().collect::<Vec<_>>(),
                "started_at": Instant::UNIX_EPOCH, "finished_at": Instant::UNIX_EPOCH,
                "timing_ms": [0, 0, 0], "asked_by": "khan",
            })
        };
        let picture = |n: u128| {
            serde_json::json!({
                "id": image(n), "file_name": "a", "sha256": "", "bytes": 0, "rows": 1, "cols": 1,
                "frames": 1,
            })
        };
        serde_json::from_value(serde_json::json!({
            "id": uuid::Uuid::from_u128(1), "patient": null, "file_patient_name": null,
            "file_patient_id": null, "file_age_years": null, "modality": null, "body_part": null,
            "taken_on": null, "added_at": Instant::UNIX_EPOCH,
            "images": [picture(11), picture(12), picture(13)],
            "analyses": answers.iter().map(analysis).collect::<Vec<_>>(),
        }))
        .expect("a study")
    }

    fn said(answers: &[(u128, Outcome, Option<u32>)]) -> (Option<Outcome>, Option<u32>) {
        let study = study(answers);
        let (analysis, finding) = telling(&study);
        (analysis.map(|a| a.outcome), finding.map(|f| f.p10000))
    }

    #[test]
    fn a_finding_in_one_picture_speaks_for_the_study_whatever_came_after() {
        use Outcome::{Abstained, Done, Failed};
        let calm = |n| (n, Done, None);
        assert_eq!(said(&[(11, Done, Some(6_000)), calm(12), calm(13)]), (Some(Done), Some(6_000)));
        assert_eq!(
            said(&[(11, Done, Some(6_000)), (12, Done, Some(9_000)), (13, Failed, None)]),
            (Some(Done), Some(9_000))
        );
        assert_eq!(said(&[calm(11), (12, Abstained, None), calm(13)]), (Some(Abstained), None));
        // Asked again: the newest answer about a picture takes the place of the older.
        assert_eq!(
            said(&[(11, Done, Some(6_000)), calm(12), calm(13), calm(11)]),
            (Some(Done), None)
        );
    }

    #[test]
    fn nothing_found_is_said_only_when_every_picture_was_answered() {
        assert_eq!(said(&[(11, Outcome::Done, None)]), (None, None));
        assert_eq!(said(&[(11, Outcome::Done, Some(4_999))]), (None, None));
        assert_eq!(said(&[]), (None, None));
    }
}
