import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { PatientPage } from "./PatientPage";
import { PatientsPage } from "./PatientsPage";
import { RegisterPage } from "./RegisterPage";

export const screens: Screen[] = [
  { path: "/patients", area: "patients", title: () => m.patient_title(), component: PatientsPage, needs: "see_patients", home: true, inPalette: true, icon: "patients" },
  { path: "/patients/register", area: "patients", title: () => m.patient_register_title(), component: RegisterPage, needs: "register_patients", inPalette: true, icon: "plus" },
  { path: "/patients/$id", area: "patients", title: () => m.design_patient(), component: PatientPage, needs: "see_patients" },
];
