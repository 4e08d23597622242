import { useEffect, useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime, formatName, Identifier, NotKnown, PatientBanner } from "../../clinical";
import { Button, Icon, Loading, PageHead, SidePanel, Tabs } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientView } from "../../wire";
import { PrintButton } from "../printing/PrintDialog";
import { AllergiesPanel } from "./Allergies";
import { DeathPanel } from "./Death";
import { GroupPanel } from "./Group";
import { ImagesPanel } from "./Images";
import { GivenWay, SamePersonPanel } from "./SamePerson";
import { Timeline } from "./Timeline";
import { UnitsPanel } from "./Units";

/** One person: who, what must never be forgotten, what was done, and what is held for them. */
export function PatientPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("patient.view", { id }, { enabled: id !== "" });
  const go = useGo();
  const head = <PageHead title={m.patient_summary()} />;
  if (view.isPending) return <>{head}<div className="p-4"><Loading label={m.patient_reading()} lines={5} /></div></>;
  if (!view.data) {
    return (
      <>{head}<div className="max-w-[720px] p-4">
        <ErrorBlock error={view.error} title={m.patient_failed_one()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.patient_try_again()}</Button><Button onPress={() => go("/patients")}>{m.patient_back()}</Button></>} />
      </div></>
    );
  }
  return <Person key={view.data.id} patient={view.data} />;
}

function Person({ patient }: { patient: PatientView }) {
  const may = useMay();
  const narrow = useNarrow();
  // Who has died, and who goes on in another record: nothing begins here.
  const closed = !!patient.died || !!patient.belongsTo;
  const timeline = <Timeline patient={patient} />;
  const units = <UnitsPanel units={patient.units} />;
  const images = <ImagesPanel studies={patient.studies} />;
  return (
    <>
      <PatientBanner patient={patient} />
      <GivenWay to={patient.belongsTo} />
      <PageHead
        title={m.patient_summary()}
        actions={
          <>
            <span className="hs-meta">{m.patient_as_of()} <ClinicalTime value={patient.asOf} /></span>
            <AppLink to={`/patients/${patient.id}/blood`} className="hs-btn"><Icon name="document" />{m.patient_blood_record()}</AppLink>
            {!closed && <PrintButton what={{ kind: "wristband", patient: patient.id }} subject={`${formatName(patient)}, ${patient.hospitalNumber}`}>{m.printing_wristband()}</PrintButton>}
            {may("request_blood") && !closed && <AppLink to="/requests/new" search={{ patient: patient.id }} className="hs-btn"><Icon name="plus" />{m.requests_place()}</AppLink>}
            {may("see_images") && <AppLink to="/images" search={{ patient: patient.id }} className="hs-btn"><Icon name="lungs" />{m.patient_open_images()}</AppLink>}
            {may("issue_blood") && !closed && <AppLink to="/blood/issue" search={{ patient: patient.id }} className="hs-btn"><Icon name="blood" />{m.patient_issue_counter()}</AppLink>}
          </>
        }
      />
      <div className="flex min-h-0 grow">
        <SidePanel side="start" width={268} label={m.patient_facts()}>
          <AllergiesPanel patient={patient} />
          <GroupPanel patient={patient} />
          <section className="px-4 py-3">
            <h2 className="m-0 mb-2 text-lg">{m.patient_details()}</h2>
            <dl className="m-0 grid gap-2">
              <div><dt className="text-sm text-ink-3">{m.patient_details_phone()}</dt><dd className="m-0 [overflow-wrap:anywhere]">{patient.phone ? <bdi dir="ltr">{patient.phone}</bdi> : <NotKnown>{m.design_not_recorded()}</NotKnown>}</dd></div>
              <div><dt className="text-sm text-ink-3">{m.patient_details_national()}</dt><dd className="m-0">{patient.nationalId ? <Identifier>{patient.nationalId}</Identifier> : <NotKnown>{m.design_not_recorded()}</NotKnown>}</dd></div>
            </dl>
          </section>
          <SamePersonPanel patient={patient} />
          <DeathPanel patient={patient} />
        </SidePanel>
        {narrow
          ? (
            <div className="min-w-0 grow overflow-auto">
              <div className="px-4">
                <Tabs
                  label={m.patient_views()}
                  items={[
                    { id: "timeline", label: m.patient_timeline(), count: patient.timeline.length + patient.timelineHidden, content: timeline },
                    { id: "units", label: m.patient_units(), count: patient.units.length, content: units },
                    { id: "images", label: m.patient_images(), count: patient.studies.length, content: images },
                  ]}
                />
              </div>
            </div>
          )
          : (
            <>
              <div className="flex min-w-0 grow flex-col">{timeline}</div>
              <SidePanel width={368} label={m.patient_panel()}>{units}{images}</SidePanel>
            </>
          )}
      </div>
    </>
  );
}

/** In em, so that 200 % text counts as a narrow window too. */
function useNarrow(): boolean {
  const query = "(max-width: 73em)";
  const [narrow, setNarrow] = useState(() => typeof window.matchMedia === "function" && window.matchMedia(query).matches);
  useEffect(() => {
    if (typeof window.matchMedia !== "function") return;
    const list = window.matchMedia(query);
    const follow = () => setNarrow(list.matches);
    list.addEventListener("change", follow);
    return () => list.removeEventListener("change", follow);
  }, []);
  return narrow;
}

