import type { ReactNode } from "react";
import { Chip, Status } from "../design";
import * as m from "../paraglide/messages";
import type { Allergies, PatientView } from "../wire";
import { age, dayOf } from "./dates";
import { Age, ClinicalDate, Identifier, NotKnown } from "./values";
import { formatName, sexWord } from "./words";
import { usePlace } from "./zone";

export interface PatientBannerProps {
  /** A `PatientView` fits as it is. */
  patient: Pick<PatientView, "family" | "given" | "title" | "birthDate" | "sex" | "hospitalNumber" | "allergies" | "died">;
  /** The name of the other person on the list this one may be taken for, or true when only the fact is known. */
  similarName?: string | boolean;
  /** More at the end edge; keep it to one short thing. */
  end?: ReactNode;
}

/**
 * Who this is: on top of every screen about one patient, and on no screen about several. Order and headings are
 * those of the NHS CUI (PAB-0009 to -0076): name, born, sex, number, allergies. Names wrap and are never cut.
 */
export function PatientBanner({ patient, similarName, end }: PatientBannerProps) {
  const place = usePlace();
  const { family, given, title, birthDate, sex, hospitalNumber, allergies, died } = patient;
  const deathDay = died && (died.includes("T") ? dayOf(died, place.zone) : died);
  const ageAtDeath = birthDate && deathDay ? age(birthDate, deathDay) : null;
  return (
    <section className="hs-banner-box" aria-label={`${m.design_patient()} ${formatName(patient)}`}>
      <dl className="hs-banner" data-deceased={died ? true : undefined}>
        <div className="hs-name" data-long={formatName(patient).length > 48 || undefined}>
          <dt>{m.design_patient()}</dt>
          <dd>
            {/* One run with the direction of the name itself: family name, given name and title keep their order in every language. */}
            <bdi><span>{family.toLocaleUpperCase()}{family && given ? "," : ""}</span> <span>{given}</span>{title && <> <span>({title})</span></>}</bdi>
          </dd>
        </div>
        <div>
          <dt>{m.design_born()}</dt>
          <dd><ClinicalDate value={birthDate} /> {!died && birthDate && <small><Age birthDate={birthDate} /></small>}</dd>
        </div>
        {died && (
          <div>
            <dt>{m.design_died()}</dt>
            <dd><ClinicalDate value={died} /> {ageAtDeath && <small>{m.design_aged({ age: ageAtDeath })}</small>}</dd>
          </div>
        )}
        <div><dt>{m.design_sex()}</dt><dd>{sex === "not_known" ? <NotKnown /> : sexWord(sex)}</dd></div>
        <div><dt>{m.design_hospital_number()}</dt><dd><Identifier>{hospitalNumber}</Identifier></dd></div>
        <div className="hs-allergies"><dt>{m.design_allergies()}</dt><dd><AllergyHeading allergies={allergies} names /></dd></div>
        {similarName && (
          <div className="hs-end">
            <dt>{m.design_on_this_list()}</dt><dd><Chip kind="caution">{typeof similarName === "string" ? m.design_similar_name_to({ name: similarName }) : m.design_similar_name()}</Chip></dd>
          </div>
        )}
      </dl>
      {end && <div className="hs-banner-end" data-deceased={died ? true : undefined}>{end}</div>}
    </section>
  );
}

/**
 * Exactly four headings (PAB-0064): known, none known, not recorded, unavailable. The absence of data never looks
 * like the absence of an allergy.
 */
export function AllergyHeading({ allergies, names }: { allergies: Allergies; names?: boolean }) {
  switch (allergies.state) {
    case "known":
      return (
        <>
          <Status kind="caution">{m.design_allergies_known()}</Status>
          {names && <> <small>{allergies.list.map((a) => a.substance).join(", ")}</small></>}
        </>
      );
    case "none_known": return <span>{m.design_allergies_none_known()}</span>;
    case "not_recorded": return <span>{m.design_allergies_not_recorded()}</span>;
    case "unavailable": return <Status kind="inactive">{m.design_allergies_unavailable()}</Status>;
  }
}
