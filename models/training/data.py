"""Tasks, labels, licence classes and splits of the pooled training, and the augmentation. One place, used by every script."""
import csv
import numpy as np
import torch
import torch.nn.functional as F

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
RESEARCH_ONLY = ("kidney_ct", "blood_smear_leukemia", "cervical_cytology_pap")
NON_COMMERCIAL = ("nc_skin_lesion",)
RESTRICTED = RESEARCH_ONLY + NON_COMMERCIAL
# Label order as it stands in the packs: the ordinary first, then by grade or name.
LABELS = {
    "chest_xray_pneumonia": ["normal", "bacterial_pneumonia", "viral_pneumonia"],
    "chest_xray_covid": ["normal", "covid_19", "viral_pneumonia"],
    "brain_mri_tumor": ["no_tumor", "glioma", "meningioma", "pituitary_tumor"],
    "brain_mri_dementia": ["non_demented", "very_mild_dementia", "mild_dementia", "moderate_dementia"],
    "head_ct_hemorrhage": ["no_hemorrhage", "intracranial_hemorrhage"],
    "retina_fundus": ["normal", "cataract", "diabetic_retinopathy", "glaucoma"],
    "breast_ultrasound": ["normal", "benign_lesion", "malignant_lesion"],
    "knee_xray_oa": ["kl0_normal", "kl1_doubtful", "kl2_mild", "kl3_moderate", "kl4_severe"],
    "red_cell_morphology": None,
    "cervical_cytology_lbc": ["nilm", "lsil", "hsil", "squamous_cell_carcinoma"],
    "oral_histology": ["normal", "oral_squamous_cell_carcinoma"],
    "kidney_ct": ["normal", "kidney_cyst", "kidney_stone", "kidney_tumor"],
    "blood_smear_leukemia": None,
    "cervical_cytology_pap": ["normal_superficial", "normal_intermediate", "normal_columnar", "mild_dysplasia", "moderate_dysplasia", "severe_dysplasia", "carcinoma_in_situ"],
    "nc_skin_lesion": None,
}
KIND = {  # what the modality gate calls the pictures of a task
    "chest_xray_pneumonia": "chest_xray", "chest_xray_covid": "chest_xray", "brain_mri_tumor": "brain_mri", "brain_mri_dementia": "brain_mri",
    "head_ct_hemorrhage": "head_ct", "retina_fundus": "fundus_photograph", "breast_ultrasound": "breast_ultrasound", "knee_xray_oa": "knee_xray",
    "red_cell_morphology": "red_cell_crop", "cervical_cytology_lbc": "cervical_liquid_cytology", "oral_histology": "oral_histology",
    "kidney_ct": "kidney_ct", "blood_smear_leukemia": "blood_smear", "cervical_cytology_pap": "cervical_pap_crop", "nc_skin_lesion": "dermatoscopy",
}
COLOUR = {"retina_fundus", "red_cell_morphology", "cervical_cytology_lbc", "oral_histology", "blood_smear_leukemia", "cervical_cytology_pap", "nc_skin_lesion"}
DIHEDRAL = {"red_cell_morphology", "cervical_cytology_lbc", "oral_histology", "blood_smear_leukemia", "cervical_cytology_pap", "nc_skin_lesion"}
NO_FLIP = {"chest_xray_pneumonia", "chest_xray_covid", "kidney_ct"}


def kind(row):
    return row["label"] if row["task"] == "modality" else KIND[row["task"]]


class Data:
    """Index and arrays. `split`: 0 training, 1 calibration (inside the training groups), 2 validation."""

    def __init__(s, work, size):
        s.rows = list(csv.DictReader(open(f"{work}/index.csv")))
        s.x = np.load(f"{work}/x{size}.npy", mmap_mode="r")
        s.size = size
        b = np.array([int(r["bucket"]) for r in s.rows])
        s.split = np.where(b < 15, 2, np.where(b < 25, 1, 0))
        s.task = np.array([r["task"] for r in s.rows])
        s.labels = {}
        for t, given in LABELS.items():
            found = sorted({r["label"] for r in s.rows if r["task"] == t})
            assert given is None or sorted(given) == found, (t, found)
            s.labels[t] = given or order(found)
        s.kinds = sorted({kind(r) for r in s.rows if r["task"] not in RESTRICTED})
        s.kind = np.array([kind(r) for r in s.rows])
        s.open_tasks = [t for t in LABELS if t not in RESTRICTED]
        # columns of the head matrix of the backbone: the open tasks one after another, then the gate
        s.columns, at = {}, 0
        for t in s.open_tasks + ["gate"]:
            n = len(s.kinds) if t == "gate" else len(s.labels[t])
            s.columns[t] = (at, at + n)
            at += n
        s.outputs = at

    def ids(s, task, split):
        return np.flatnonzero((s.task == task) & (s.split == split))

    def ids_of(s, task):
        return np.flatnonzero((s.task == task) & (s.split < 3))

    def truth(s, task, ids):
        return np.array([s.labels[task].index(s.rows[i]["label"]) for i in ids])

    def pictures(s, ids):
        """(n, 3, size, size) in 0..1."""
        return torch.from_numpy(s.x[np.asarray(ids)]).permute(0, 3, 1, 2).float().div_(255)


def order(found):
    """The ordinary labels first."""
    return sorted(found, key=lambda n: (not n.startswith(("normal", "benign", "nilm")), n))


def normalise(x):
    m, d = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
    return (x - m) / d


def augment(x, tasks, g, strength=1.0):
    """x: (n,3,h,h) in 0..1, `tasks`: name per picture. Turned, shifted, zoomed (black outside, as the letterbox), mirrored
    where anatomy allows, in quarter turns for cells and tissue; contrast, brightness, gamma, colour of stained or
    photographed pictures, coarse resolution, noise, one blanked rectangle. A third stays free of resampling."""
    n, _, h, _ = x.shape
    u = lambda lo, hi: torch.rand(n, generator=g) * (hi - lo) + lo
    c = lambda t: t.view(n, 1, 1, 1)
    dihedral = torch.tensor([t in DIHEDRAL or t == "retina_fundus" for t in tasks])
    flip = torch.tensor([t not in NO_FLIP for t in tasks]) & (torch.rand(n, generator=g) < 0.5)
    colour = torch.tensor([t in COLOUR for t in tasks])
    a = u(-0.2, 0.2) * strength
    zoom = torch.exp(u(-0.24, 0.2) * strength)
    aspect = torch.exp(u(-0.1, 0.1) * strength)
    sx, sy = zoom * aspect, zoom / aspect
    m = torch.stack([torch.stack([a.cos() * sx, -a.sin() * sx, u(-0.1, 0.1)], 1), torch.stack([a.sin() * sy, a.cos() * sy, u(-0.1, 0.1)], 1)], 1)
    soft = F.grid_sample(x, F.affine_grid(m, x.shape, align_corners=False), align_corners=False)
    d = max(1, h // 16)
    dy, dx = torch.randint(-d, d + 1, (2,), generator=g).tolist()
    hard = F.pad(x, (d, d, d, d))[:, :, d + dy : d + dy + h, d + dx : d + dx + h]
    x = torch.where(c(torch.rand(n, generator=g) < 0.67), soft, hard)
    turn = torch.randint(0, 4, (n,), generator=g) * dihedral
    for i in range(n):
        if turn[i]:
            x[i] = x[i].rot90(int(turn[i]), (1, 2))
        if flip[i]:
            x[i] = x[i].flip(2)
    coarse = torch.rand(n, generator=g) < 0.15
    if coarse.any():
        x[coarse] = F.interpolate(F.avg_pool2d(x[coarse], 2), size=(h, h), mode="bilinear", align_corners=False)
    x = x.clamp(1e-4, 1) ** c(torch.exp(u(-0.25, 0.25) * strength))
    # stain and camera: a gain per channel and less or more saturation
    gain = torch.where(colour.view(n, 1, 1, 1), torch.exp((torch.rand(n, 3, 1, 1, generator=g) - 0.5) * 0.36 * strength), torch.ones(1, 1, 1, 1))
    x = x * gain
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * c(torch.where(colour, u(0.6, 1.4), torch.ones(n)))
    x = (x - 0.5) * c(u(0.8, 1.2)) + 0.5 + c(u(-0.1, 0.1) * strength)
    x = x + torch.randn((n, 1, h, h), generator=g) * c(u(0, 0.03))
    for i in (torch.rand(n, generator=g) < 0.2).nonzero().flatten().tolist():
        w, t = int(h * (0.1 + 0.2 * torch.rand(1, generator=g))), torch.randint(0, h, (2,), generator=g)
        x[i, :, t[0] : t[0] + w, t[1] : t[1] + w] = torch.rand(1, generator=g)
    return x.clamp_(0, 1)
