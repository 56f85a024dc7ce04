import { list } from '../../model/shapes.ts';
import { uuid } from '../shapes.ts';

export const ProfileIdList = list(uuid);
