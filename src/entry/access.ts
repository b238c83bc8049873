export { AccessReport, explainAccess } from '../access-report/access-report';
export {
  type AccessFacts,
  type CloudCommands,
  type CloudIdentity,
  type ContainerKeys,
  type OuterConnection,
  type PodConnection,
  type PodIdentity,
  type SecretAccess,
  type SecretReader,
  type SubjectPower,
  type SubjectRules,
} from '../access-report/structs';
