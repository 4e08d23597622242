export { DonorTabs as BenchTabs } from "../appeals/DonorTabs";
