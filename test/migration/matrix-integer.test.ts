import { testEveryShape } from "../support/matrix.ts";

testEveryShape("integer");
