-- What the extension's registers say of orders and of documents made of events goes into the sandbox's lists.
CREATE TRIGGER IF NOT EXISTS card_of_delivery AFTER INSERT ON "рс_кд_Доставки" BEGIN
    UPDATE order_card SET ready = NEW."Готов", stage = nullif(NEW."Стадия", ''), stage_version = NEW."ВерсияСтадии",
           courier = coalesce(nullif(NEW."Курьер", ''), courier),
           delivery_price = coalesce(nullif(NEW."ЦенаДоставки", ''), delivery_price),
           amount_due = nullif(NEW."СуммаКПолучению", '')
    WHERE ref = NEW."Заказ";
END;
CREATE TRIGGER IF NOT EXISTS card_of_delivery_again AFTER UPDATE ON "рс_кд_Доставки" BEGIN
    UPDATE order_card SET ready = NEW."Готов", stage = nullif(NEW."Стадия", ''), stage_version = NEW."ВерсияСтадии",
           courier = coalesce(nullif(NEW."Курьер", ''), courier),
           delivery_price = coalesce(nullif(NEW."ЦенаДоставки", ''), delivery_price),
           amount_due = nullif(NEW."СуммаКПолучению", '')
    WHERE ref = NEW."Заказ";
END;
CREATE TRIGGER IF NOT EXISTS document_of_event AFTER UPDATE OF data ON document
WHEN EXISTS (SELECT 1 FROM "рс_кд_ДокументыСобытий" WHERE "Идентификатор" = NEW.ref) BEGIN
    UPDATE document SET (kind, slot, order_ref, courier, basis) = (
        SELECT CASE WHEN "Место" IN ('card_refund', 'change_issue', 'cash_hand_in', 'cash_shortage', 'cash_surplus')
                    THEN "Место" ELSE document.kind END,
               "Место", nullif("Заказ", ''), nullif("Курьер", ''), nullif("Основание", '')
        FROM "рс_кд_ДокументыСобытий" WHERE "Идентификатор" = NEW.ref)
    WHERE ref = NEW.ref;
END;
