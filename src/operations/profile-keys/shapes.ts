import { label, structure } from '../../model/shapes.ts';
import { name, requestValueList, uuid } from '../shapes.ts';

/** AddProfileKey and DeleteProfileKey take the same input. */
export const ProfileKeyRequest = structure({
  DomainName: label(name),
  ProfileId: uuid,
  KeyName: name,
  Values: requestValueList,
});
