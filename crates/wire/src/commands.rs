//! Every command the page may send: its name, what it carries, what it returns. Each host
//! implements all of it or does not compile; the TypeScript map is printed from the same list.

/// Hands the whole table to a macro of the caller's choosing.
#[macro_export]
macro_rules! for_each_command {
    ($then:ident) => {
        $then! {
            "app.status"           app_status(Nothing) -> Status;
            "setup.look_around"    setup_look_around(Nothing) -> Status;
            "setup.facility"       setup_facility(SetUp) -> SetUpDone;
            "setup.confirm"        setup_confirm(RecoveryCode) -> Status;
            "setup.leave_training" setup_leave_training(Nothing) -> Status;
            "session.sign_in"      session_sign_in(Credentials) -> Status;
            "session.sign_out"     session_sign_out(Nothing) -> Status;
            "session.lock"         session_lock(Nothing) -> Status;
            "session.unlock"       session_unlock(Password) -> Status;
            "session.recover"      session_recover(Recover) -> Status;
            "recovery.renew"       recovery_renew(Nothing) -> SetUpDone;
            "recovery.confirm"     recovery_confirm(RecoveryCode) -> Status;
            "staff.list"           staff_list(Nothing) -> Vec<StaffRow>;
            "staff.add"            staff_add(StaffAdd) -> Made;
            "staff.set_active"     staff_set_active(StaffActive) -> Nothing;
            "staff.set_password"   staff_set_password(StaffPassword) -> Nothing;
            "session.change_password" session_change_password(PasswordChange) -> Nothing;
            "clock.confirm"        clock_confirm(ClockConfirm) -> Nothing;
            "proof.verify"         proof_verify(Nothing) -> ProofReport;
            "policy.show"          policy_show(Nothing) -> PolicyBook;
            "policy.adopt"         policy_adopt(PolicyAdopt) -> Nothing;
            "backup.make"          backup_make(BackupTo) -> BackupDone;

            "draft.put"            draft_put(DraftPut) -> Nothing;
            "draft.get"            draft_get(DraftOf) -> Draft;
            "draft.drop"           draft_drop(DraftOf) -> Nothing;
            "preference.put"       preference_put(PreferencePut) -> Nothing;
            "preference.get"       preference_get(PreferenceOf) -> Preference;
            "scanner.get"          scanner_get(Nothing) -> Scanner;
            "scanner.set"          scanner_set(ScannerSet) -> Scanner;

            "patient.search"       patient_search(PatientSearch) -> PatientFound;
            "patient.register"     patient_register(PatientRegister) -> Made;
            "patient.view"         patient_view(ById) -> PatientView;
            "patient.allergy"      patient_allergy(AllergyRecord) -> Nothing;
            "patient.group"        patient_group(GroupRecord) -> Nothing;
            "patient.group_withdraw" patient_group_withdraw(GroupWithdraw) -> Nothing;

            "scan.read"            scan_read(ScanText) -> ScanRead;
            "unit.board"           unit_board(Nothing) -> StockBoard;
            "unit.list"            unit_list(UnitList) -> UnitsFound;
            "unit.view"            unit_view(ById) -> UnitView;
            "unit.receive"         unit_receive(UnitReceive) -> Made;
            "unit.reserve"         unit_reserve(UnitReserve) -> Nothing;
            "unit.reserve_many"    unit_reserve_many(UnitReserveMany) -> Nothing;
            "unit.release"         unit_release(UnitReason) -> Nothing;
            "unit.quarantine"      unit_quarantine(UnitReason) -> Nothing;
            "unit.lift"            unit_lift(UnitLift) -> Nothing;
            "unit.discard"         unit_discard(UnitDiscard) -> Nothing;
            "counter.ask"          counter_ask(CounterAsk) -> CounterView;

            "stock.forecast"       stock_forecast(ForecastAsk) -> ForecastView;
            "stock.what_if"        stock_what_if(WhatIfAsk) -> WhatIfAnswer;
            "print.save"           print_save(PrintSave) -> SavedFiles;
            "staff.names"          staff_names_list(Nothing) -> Vec<StaffName>;
            "request.choices"      request_choices(Nothing) -> RequestChoices;
            "request.advise"       request_advise(RequestPlace) -> Vec<AdviceRow>;
            "request.list"         request_list(Nothing) -> Requests;
            "request.view"         request_view(ById) -> RequestView;
            "request.place"        request_place(RequestPlace) -> Made;
            "request.accept"       request_accept(ById) -> Nothing;
            "request.allocate"     request_allocate(RequestUnits) -> Nothing;
            "request.unallocate"   request_unallocate(RequestUnit) -> Nothing;
            "request.urgency"      request_urgency(RequestUrgency) -> Nothing;
            "request.need"         request_need(RequestNeed) -> Nothing;
            "request.cancel"       request_cancel(RequestReason) -> Nothing;
            "request.close"        request_close(ById) -> Nothing;
            "sample.list"          sample_list(Nothing) -> Samples;
            "sample.receive"       sample_receive(SampleReceive) -> Made;
            "sample.type"          sample_type(SampleType) -> Nothing;
            "sample.screen"        sample_screen(SampleScreen) -> Nothing;
            "sample.reject"        sample_reject(SampleReason) -> Nothing;
            "blood.record"         blood_record(ById) -> BloodRecord;
            "history.antibody"     history_antibody(AntibodyRecord) -> Nothing;
            "history.need"         history_need(NeedRecord) -> Nothing;
            "history.exposure"     history_exposure(ExposureRecord) -> Nothing;
            "history.transplant"   history_transplant(ById) -> Nothing;
            "history.phenotype"    history_phenotype(PhenotypeRecord) -> Nothing;
            "crossmatch.ask"       crossmatch_ask(CrossmatchAsk) -> NeededView;
            "crossmatch.record"    crossmatch_record(CrossmatchRecord) -> Made;
            "crossmatch.withdraw"  crossmatch_withdraw(CrossmatchWithdraw) -> Nothing;
            "unit.traits"          unit_traits(ById) -> UnitTraitsView;
            "unit.retype"          unit_retype(UnitRetype) -> Nothing;
            "unit.attribute"       unit_attribute(UnitAttributeSet) -> Nothing;
            "unit.antigen"         unit_antigen(UnitAntigenRecord) -> Nothing;
            "slip.make"            slip_make(SlipAsk) -> SlipMade;
            "issue.gates"          issue_gates(IssueAsk) -> IssueGates;
            "issue.give"           issue_give(IssueAsk) -> Made;
            "issue.list"           issue_list(Nothing) -> Issues;
            "issue.sign"           issue_sign(IssueSign) -> Nothing;
            "issue.return"         issue_return(IssueReturn) -> Returned;

            "lookback.donor"       lookback_donor(ById) -> LookBackMap;
            "lookback.unit"        lookback_unit(ById) -> LookBackMap;
            "lookback.patient"     lookback_patient(ById) -> LookBackMap;
            "recall.list"          recall_list(Nothing) -> Recalls;
            "recall.view"          recall_view(ById) -> RecallView;
            "recall.open"          recall_open(RecallOpen) -> Made;
            "recall.extend"        recall_extend(RecallExtend) -> Nothing;
            "recall.acknowledge"   recall_acknowledge(RecallAcknowledge) -> Nothing;
            "recall.close"         recall_close(ById) -> Nothing;
            "site.list"            site_list(Nothing) -> Sites;
            "site.know"            site_know(SiteKnow) -> Nothing;
            "site.forget"          site_forget(SiteForget) -> Nothing;
            "transfer.list"        transfer_list(Nothing) -> Transfers;
            "transfer.view"        transfer_view(ById) -> TransferView;
            "transfer.begin"       transfer_begin(TransferBegin) -> Made;
            "transfer.pack"        transfer_pack(TransferPack) -> Nothing;
            "transfer.unpack"      transfer_unpack(TransferUnpack) -> Nothing;
            "transfer.scan_out"    transfer_scan_out(TransferOut) -> SlipText;
            "transfer.read"        transfer_read(SlipText) -> BoxView;
            "transfer.scan_in"     transfer_scan_in(TransferIn) -> TakenIn;
            "transfer.missing"     transfer_missing(TransferMissing) -> Nothing;
            "count.place"          count_place(CountAsk) -> CountView;
            "count.close"          count_close(CountClose) -> Nothing;
            "place.list"           place_list(Nothing) -> Places;
            "place.view"           place_view(ById) -> PlaceView;
            "place.put"            place_put(PlacePut) -> Made;
            "place.reading"        place_reading(PlaceReading) -> Nothing;
            "place.note"           place_note(PlaceNote) -> Nothing;

            "donor.desk"           donor_desk(Nothing) -> DonorDesk;
            "donor.search"         donor_search(DonorSearch) -> DonorFound;
            "donor.register"       donor_register(DonorRegister) -> Made;
            "donor.view"           donor_view(ById) -> DonorView;
            "donor.consent"        donor_consent(DonorConsent) -> Nothing;
            "donor.screen"         donor_screen(DonorScreen) -> Nothing;
            "donor.clear"          donor_clear(DonorClear) -> Nothing;
            "donor.defer"          donor_defer(DonorDefer) -> Nothing;
            "donor.lift"           donor_lift(DonorLift) -> Nothing;
            "donation.begin"       donation_begin(DonationBegin) -> Made;
            "donation.end"         donation_end(DonationEnd) -> Nothing;
            "donation.react"       donation_react(DonationReact) -> Nothing;
            "donation.exclude"     donation_exclude(DonationExclude) -> Nothing;
            "donation.lift"        donation_lift(HoldLift) -> Nothing;
            "lab.board"            lab_board(Nothing) -> LabBoard;
            "lab.view"             lab_view(ById) -> LabView;
            "lab.divide"           lab_divide(LabDivide) -> Nothing;
            "lab.type"             lab_type(LabType) -> Nothing;
            "lab.run"              lab_run(LabRun) -> Nothing;
            "lab.verify"           lab_verify(LabVerify) -> Nothing;
            "lab.release"          lab_release(LabRelease) -> Nothing;
            "lab.discard"          lab_discard(LabDiscard) -> Nothing;
            "work.choices"         work_choices(WorkAsk) -> Vec<WorkChoice>;
            "work.do"              work_do(WorkDo) -> WorkDone;
            "numbers.hold"         numbers_hold(NumberBlock) -> Nothing;

            "study.import"         study_import(StudyImport) -> Imported;
            "study.worklist"       study_worklist(WorklistAsk) -> Worklist;
            "study.view"           study_view(ById) -> StudyView;
            "reading.here"         reading_here(ReadingHere) -> ReadingElsewhere;
            "study.assign"         study_assign(StudyAssign) -> Nothing;
            "analysis.start"       analysis_start(AnalysisStart) -> Made;
            "analysis.cancel"      analysis_cancel(ById) -> Nothing;
            "analysis.queue"       analysis_queue(Nothing) -> Queue;
            "analysis.hurry"       analysis_hurry(ById) -> Nothing;
            "analysis.go_on"       analysis_go_on(Nothing) -> Nothing;
            "batch.start"          batch_start(BatchStart) -> Made;
            "batch.list"           batch_list(Nothing) -> Batches;
            "batch.items"          batch_items(BatchItemsAsk) -> BatchItems;
            "batch.pause"          batch_pause(ById) -> Nothing;
            "batch.resume"         batch_resume(ById) -> Nothing;
            "batch.cancel"         batch_cancel(ById) -> Nothing;
            "batch.forget"         batch_forget(ById) -> Nothing;
            "analysis.judge"       analysis_judge(FindingJudge) -> Nothing;
            "quality.show"         quality_show(Nothing) -> Quality;
            "quality.export"       quality_export(EvaluationExport) -> EvaluationDone;
            "quality.prevalence"   quality_prevalence(PrevalenceAsk) -> PrevalenceView;
            "quality.fit"          quality_fit(FitAsk) -> FitAnswer;
            "quality.fit_install"  quality_fit_install(FitOf) -> ModelImported;
            "quality.fit_drop"     quality_fit_drop(FitOf) -> Nothing;
            "report.draft"         report_draft(ReportText) -> Nothing;
            "report.sign"          report_sign(ReportText) -> Nothing;
            "report.addend"        report_addend(ReportAddend) -> Nothing;
            "model.list"           model_list(Nothing) -> Packs;
            "model.enable"         model_enable(ModelEnable) -> Nothing;

            "connections.show"     connections_show(Nothing) -> Connections;
            "receiver.set"         receiver_set(ReceiverSet) -> Nothing;
            "archive.list"         archive_list(Nothing) -> Vec<ArchiveName>;
            "archive.put"          archive_put(ArchivePut) -> Made;
            "archive.remove"       archive_remove(ById) -> Nothing;
            "archive.test"         archive_test(ById) -> Nothing;
            "archive.search"       archive_search(ArchiveSearch) -> ArchiveFound;
            "archive.fetch"        archive_fetch(ArchiveFetch) -> Made;
            "archive.fetches"      archive_fetches(Nothing) -> Fetches;
            "archive.cancel"       archive_cancel(ById) -> Nothing;
            "archive.forget"       archive_forget(ById) -> Nothing;
            "results.offer"        results_offer(ResultsAsk) -> ResultsOffer;
            "results.save"         results_save(ResultsSave) -> SavedFiles;
            "results.send"         results_send(ResultsSend) -> ResultsSent;
            "copies.save"          copies_save(CopiesSave) -> SavedFiles;
            "model.import"         model_import(ModelImport) -> ModelImported;
            "model.use"            model_use(ModelUse) -> Nothing;
            "model.trust"          model_trust(ModelTrust) -> Nothing;
            "model.distrust"       model_distrust(ModelDistrust) -> Nothing;
            "model.conditions"     model_conditions(Nothing) -> Vec<ConditionRow>;
            "analysis.compare"     analysis_compare(CompareAsk) -> Compared;
            "analysis.rerun"       analysis_rerun(ById) -> Reran;
        }
    };
}

macro_rules! names {
    ($($wire:literal $name:ident($req:ty) -> $res:ty;)*) => {
        /// The names of all commands, for lints and tests.
        pub const COMMANDS: &[&str] = &[$($wire),*];
    };
}
for_each_command!(names);
